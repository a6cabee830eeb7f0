namespace Stylebridge.Wire
{
    /// <summary>What a LANE message does to a ring.</summary>
    public enum LaneAct
    {
        /// <summary>Its writer offers it.</summary>
        Offer,

        /// <summary>Its reader takes it.</summary>
        Accept,

        /// <summary>Its reader doesn't take it.</summary>
        Refuse,

        /// <summary>Its writer gives it up.</summary>
        Close,
    }

    /// <summary>A ring is offered, taken, refused or given up.</summary>
    public sealed class LaneMessage : JsonMessage
    {
        private const int MaxPath = 1024;

        /// <summary>What happens to the ring.</summary>
        public LaneAct Act { get; set; }

        /// <summary>The ring's number.</summary>
        public ushort Ring { get; set; }

        /// <summary>The ring's file, in an offer.</summary>
        public string Path { get; set; } = "";

        /// <summary>The ring's token, in an offer.</summary>
        public WireId Token { get; set; }

        /// <summary>The ring's slots, in an offer.</summary>
        public int Slots { get; set; }

        /// <summary>Payload bytes that fit a slot, in an offer.</summary>
        public long SlotBytes { get; set; }

        /// <summary>Why the ring is refused.</summary>
        public string Says { get; set; } = "";

        /// <inheritdoc/>
        public override WireKind Kind
        {
            get { return WireKind.Lane; }
        }

        /// <inheritdoc/>
        public override JsonValue Write()
        {
            JsonValue body = JsonValue.NewObject().Set(WireWords.WordFrom(Act), JsonValue.Of((ulong)Ring));
            if (Act == LaneAct.Offer)
            {
                body.Set("path", JsonValue.Of(Path))
                    .Set("token", JsonValue.Of(Token.ToString()))
                    .Set("slots", JsonValue.Of((long)Slots))
                    .Set("slot_bytes", JsonValue.Of(SlotBytes));
            }
            return Act == LaneAct.Refuse ? body.Set("says", JsonValue.Of(Says)) : body;
        }

        internal static LaneMessage Read(JsonFields fields)
        {
            LaneAct act = fields.Has("offer") ? LaneAct.Offer
                : fields.Has("accept") ? LaneAct.Accept
                : fields.Has("refuse") ? LaneAct.Refuse : LaneAct.Close;
            var message = new LaneMessage
            {
                Act = act,
                Ring = (ushort)fields.Number(WireWords.WordFrom(act), 1, ushort.MaxValue),
            };
            if (act == LaneAct.Offer)
            {
                message.Path = fields.Text("path", null, MaxPath);
                message.Token = fields.Id("token");
                message.Slots = (int)fields.Number("slots", 1, WireConstants.MaxSlots);
                message.SlotBytes = fields.Number("slot_bytes", 1, WireConstants.MaxSlotBytes);
            }
            message.Says = act == LaneAct.Refuse ? fields.Text("says", null, int.MaxValue) : "";
            return message;
        }
    }
}
