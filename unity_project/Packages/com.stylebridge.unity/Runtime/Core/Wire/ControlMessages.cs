namespace Stylebridge.Wire
{
    /// <summary>A CONTROL that asks.</summary>
    public sealed class QuestionMessage : JsonMessage
    {
        /// <summary>The asker's number for it.</summary>
        public uint Id { get; set; }

        /// <summary>What is asked for.</summary>
        public string Name { get; set; } = "";

        /// <summary>An object with the arguments.</summary>
        public JsonValue Args { get; set; } = JsonValue.NewObject();

        /// <inheritdoc/>
        public override WireKind Kind
        {
            get { return WireKind.Control; }
        }

        /// <inheritdoc/>
        public override JsonValue Write()
        {
            return JsonValue.NewObject()
                .Set("id", JsonValue.Of((ulong)Id))
                .Set("name", JsonValue.Of(Name))
                .Set("args", Args);
        }

        internal static QuestionMessage Read(JsonFields fields)
        {
            return new QuestionMessage
            {
                Id = (uint)fields.Number("id", 0, uint.MaxValue),
                Name = fields.Text("name"),
                Args = fields.Object("args", true),
            };
        }
    }

    /// <summary>A CONTROL that answers.</summary>
    public sealed class AnswerMessage : JsonMessage
    {
        /// <summary>The number of the question.</summary>
        public uint Answer { get; set; }

        /// <summary>Whether it was done.</summary>
        public bool Ok { get; set; }

        /// <summary>An object with what came of it.</summary>
        public JsonValue Result { get; set; } = JsonValue.NewObject();

        /// <summary>Why it wasn't done, as a word.</summary>
        public string Code { get; set; } = "";

        /// <summary>Why it wasn't done, for people.</summary>
        public string Says { get; set; } = "";

        /// <inheritdoc/>
        public override WireKind Kind
        {
            get { return WireKind.Control; }
        }

        /// <inheritdoc/>
        public override JsonValue Write()
        {
            return JsonValue.NewObject()
                .Set("answer", JsonValue.Of((ulong)Answer))
                .Set("ok", JsonValue.Of(Ok))
                .Set("result", Result)
                .Set("code", JsonValue.Of(Code))
                .Set("says", JsonValue.Of(Says));
        }

        internal static AnswerMessage Read(JsonFields fields)
        {
            return new AnswerMessage
            {
                Answer = (uint)fields.Number("answer", 0, uint.MaxValue),
                Ok = fields.Flag("ok", false, false),
                Result = fields.Object("result", true),
                Code = fields.Text("code", ""),
                Says = fields.Text("says", "", int.MaxValue),
            };
        }
    }
}
