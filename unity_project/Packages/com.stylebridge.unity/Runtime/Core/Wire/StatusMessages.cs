namespace Stylebridge.Wire
{
    /// <summary>What the sender counted.</summary>
    public sealed class StatsMessage : JsonMessage
    {
        private const int MaxCounters = 64;

        /// <summary>An object of numbers.</summary>
        public JsonValue Counters { get; set; } = JsonValue.NewObject();

        /// <inheritdoc/>
        public override WireKind Kind
        {
            get { return WireKind.Stats; }
        }

        /// <inheritdoc/>
        public override JsonValue Write()
        {
            return JsonValue.NewObject().Set("counters", Counters);
        }

        internal static StatsMessage Read(JsonFields fields)
        {
            JsonValue counters = fields.Object("counters", false);
            bool isFit = counters.Count <= MaxCounters;
            for (int i = 0; isFit && i < counters.Count; i++)
            {
                isFit = counters[i].Kind == JsonKind.Number
                    && JsonFields.CodePoints(counters.NameAt(i)) <= WireConstants.MaxText;
            }
            if (!isFit)
            {
                throw fields.Unfit("counters", "at most " + MaxCounters + " numbers");
            }
            return new StatsMessage { Counters = counters };
        }
    }

    /// <summary>A fault, told to the one who caused it.</summary>
    public sealed class ErrorMessage : JsonMessage
    {
        /// <summary>The fault's word.</summary>
        public string Code { get; set; } = "";

        /// <summary>The fault for people.</summary>
        public string Says { get; set; } = "";

        /// <summary>How far things had come.</summary>
        public string Step { get; set; } = "";

        /// <summary>Whether the session is refused for good.</summary>
        public bool Fatal { get; set; }

        /// <inheritdoc/>
        public override WireKind Kind
        {
            get { return WireKind.Error; }
        }

        /// <inheritdoc/>
        public override JsonValue Write()
        {
            return JsonValue.NewObject()
                .Set("code", JsonValue.Of(Code))
                .Set("says", JsonValue.Of(Says))
                .Set("step", JsonValue.Of(Step))
                .Set("fatal", JsonValue.Of(Fatal));
        }

        internal static ErrorMessage Read(JsonFields fields)
        {
            return new ErrorMessage
            {
                Code = fields.Text("code"),
                Says = fields.Text("says", null, int.MaxValue),
                Step = fields.Text("step"),
                Fatal = fields.Flag("fatal", false, false),
            };
        }
    }

    /// <summary>The session is over.</summary>
    public sealed class ByeMessage : JsonMessage
    {
        /// <summary>The reason.</summary>
        public string Why { get; set; } = "";

        /// <inheritdoc/>
        public override WireKind Kind
        {
            get { return WireKind.Bye; }
        }

        /// <inheritdoc/>
        public override JsonValue Write()
        {
            return JsonValue.NewObject().Set("why", JsonValue.Of(Why));
        }

        internal static ByeMessage Read(JsonFields fields)
        {
            return new ByeMessage { Why = fields.Text("why") };
        }
    }
}
