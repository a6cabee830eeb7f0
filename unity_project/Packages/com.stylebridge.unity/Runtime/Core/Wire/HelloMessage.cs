namespace Stylebridge.Wire
{
    /// <summary>A game introduces itself.</summary>
    public sealed class HelloMessage : JsonMessage
    {
        /// <summary>The game's name.</summary>
        public string Name { get; set; } = "";

        /// <summary>The engine's name and release.</summary>
        public string Engine { get; set; } = "";

        /// <summary>The session.</summary>
        public WireId Session { get; set; }

        /// <summary>Whether the session was welcomed before.</summary>
        public bool Resume { get; set; }

        /// <summary>How frames flow.</summary>
        public WireFlow Flow { get; set; }

        /// <summary>The lanes that the game can use.</summary>
        public string[] Lanes { get; set; } = { "inline" };

        /// <summary>The planes that the game can send.</summary>
        public string[] Planes { get; set; } = { "color" };

        /// <summary>The controls that the game obeys.</summary>
        public string[] Controls { get; set; } = { };

        /// <summary>Whether the game wants frames back.</summary>
        public bool Replies { get; set; }

        /// <summary>The highest sequence that the sender has forgotten.</summary>
        public ulong Acknowledged { get; set; }

        /// <inheritdoc/>
        public override WireKind Kind
        {
            get { return WireKind.Hello; }
        }

        /// <inheritdoc/>
        public override JsonValue Write()
        {
            return JsonValue.NewObject()
                .Set("name", JsonValue.Of(Name))
                .Set("engine", JsonValue.Of(Engine))
                .Set("session", JsonValue.Of(Session.ToString()))
                .Set("resume", JsonValue.Of(Resume))
                .Set("flow", JsonValue.Of(WireWords.WordFrom(Flow)))
                .Set("lanes", JsonFields.ArrayFrom(Lanes))
                .Set("planes", JsonFields.ArrayFrom(Planes))
                .Set("controls", JsonFields.ArrayFrom(Controls))
                .Set("replies", JsonValue.Of(Replies))
                .Set("acknowledged", JsonValue.Of(Acknowledged));
        }

        internal static HelloMessage Read(JsonFields fields)
        {
            var message = new HelloMessage
            {
                Name = fields.Text("name"),
                Engine = fields.Text("engine", ""),
                Session = fields.Id("session"),
                Resume = fields.Flag("resume", false, true),
                Lanes = fields.Words("lanes", "inline", true),
                Planes = fields.Words("planes", "color", true),
                Controls = fields.Words("controls", "", true),
                Replies = fields.Flag("replies", false, true),
                Acknowledged = (ulong)fields.Number("acknowledged", 0, long.MaxValue, 0),
            };
            if (!WireWords.TryParse(fields.Text("flow"), out WireFlow flow))
            {
                throw fields.Unfit("flow", "lockstep, lossless or live");
            }
            message.Flow = flow;
            return message;
        }
    }
}
