namespace Stylebridge.Wire
{
    /// <summary>The collector takes a game in.</summary>
    public sealed class WelcomeMessage : JsonMessage
    {
        private const int MaxHeartbeatMs = 600000;
        private const int MaxTimeoutMs = 3600000;

        /// <summary>The collector's name.</summary>
        public string Name { get; set; } = "";

        /// <summary>The collector's program and release.</summary>
        public string Engine { get; set; } = "";

        /// <summary>The session that is welcomed.</summary>
        public WireId Session { get; set; }

        /// <summary>Whether the collector knew the session.</summary>
        public bool Resumed { get; set; }

        /// <summary>The highest sequence that was taken over.</summary>
        public ulong Sequence { get; set; }

        /// <summary>Frames that may be in flight.</summary>
        public int Window { get; set; }

        /// <summary>The lanes that may be used.</summary>
        public string[] Lanes { get; set; } = { };

        /// <summary>The planes that are wanted.</summary>
        public string[] Planes { get; set; } = { };

        /// <summary>The controls that the collector obeys.</summary>
        public string[] Controls { get; set; } = { };

        /// <summary>Whether frames will come back.</summary>
        public bool Replies { get; set; }

        /// <summary>The most bytes of a frame.</summary>
        public ulong MaxFrameBytes { get; set; }

        /// <summary>After so long without sending, a PING is due.</summary>
        public int HeartbeatMs { get; set; }

        /// <summary>After so long without hearing anything, the link is broken.</summary>
        public int TimeoutMs { get; set; }

        /// <inheritdoc/>
        public override WireKind Kind
        {
            get { return WireKind.Welcome; }
        }

        /// <inheritdoc/>
        public override JsonValue Write()
        {
            return JsonValue.NewObject()
                .Set("name", JsonValue.Of(Name))
                .Set("engine", JsonValue.Of(Engine))
                .Set("session", JsonValue.Of(Session.ToString()))
                .Set("resumed", JsonValue.Of(Resumed))
                .Set("sequence", JsonValue.Of(Sequence))
                .Set("window", JsonValue.Of((long)Window))
                .Set("lanes", JsonFields.ArrayFrom(Lanes))
                .Set("planes", JsonFields.ArrayFrom(Planes))
                .Set("controls", JsonFields.ArrayFrom(Controls))
                .Set("replies", JsonValue.Of(Replies))
                .Set("max_frame_bytes", JsonValue.Of(MaxFrameBytes))
                .Set("heartbeat_ms", JsonValue.Of((long)HeartbeatMs))
                .Set("timeout_ms", JsonValue.Of((long)TimeoutMs));
        }

        internal static WelcomeMessage Read(JsonFields fields)
        {
            return new WelcomeMessage
            {
                Name = fields.Text("name"),
                Engine = fields.Text("engine"),
                Session = fields.Id("session"),
                Resumed = fields.Flag("resumed", false, false),
                Sequence = (ulong)fields.Number("sequence", 0, long.MaxValue),
                Window = (int)fields.Number("window", 1, WireConstants.MaxWindow),
                Lanes = fields.Words("lanes", "", false),
                Planes = fields.Words("planes", "", false),
                Controls = fields.Words("controls", "", false),
                Replies = fields.Flag("replies", false, false),
                MaxFrameBytes = (ulong)fields.Number("max_frame_bytes", 0, long.MaxValue),
                HeartbeatMs = (int)fields.Number("heartbeat_ms", 1, MaxHeartbeatMs),
                TimeoutMs = (int)fields.Number("timeout_ms", 1, MaxTimeoutMs),
            };
        }
    }
}
