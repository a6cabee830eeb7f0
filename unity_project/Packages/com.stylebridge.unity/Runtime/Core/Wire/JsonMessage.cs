namespace Stylebridge.Wire
{
    /// <summary>A message whose body is JSON.</summary>
    public abstract class JsonMessage
    {
        /// <summary>The message's kind.</summary>
        public abstract WireKind Kind { get; }

        /// <summary>Takes a JSON message apart, or says why it can't.</summary>
        public static JsonMessage Decode(byte[] data, int count)
        {
            if (!WirePrefix.TryRead(data, count, out WireKind kind, out _, out WireError error))
            {
                throw WireFault.Of(error, "a message");
            }
            return Read(kind, Body(data, count));
        }

        /// <summary>The body as JSON.</summary>
        public abstract JsonValue Write();

        /// <summary>The whole message.</summary>
        public byte[] Encode()
        {
            byte[] body = Json.BytesFrom(Write());
            if (body.Length > WireConstants.MaxJsonBytes)
            {
                throw new WireFault(
                    WireError.TooLarge, "JSON of " + body.Length + " bytes", "at most " + WireConstants.MaxJsonBytes);
            }
            var message = new byte[WirePrefix.Bytes + body.Length];
            WirePrefix.Write(message, Kind, message.Length);
            System.Buffer.BlockCopy(body, 0, message, WirePrefix.Bytes, body.Length);
            return message;
        }

        private static JsonValue Body(byte[] data, int count)
        {
            JsonValue body;
            try
            {
                body = Json.Parse(
                    data, WirePrefix.Bytes, count - WirePrefix.Bytes, "", WireConstants.MaxJsonBytes,
                    JsonNames.LastCounts);
            }
            catch (JsonFormatException refusal)
            {
                throw new WireFault(WireError.BadJson, refusal.Found, refusal.Expected, "", refusal.Where);
            }
            if (body.Kind != JsonKind.Object)
            {
                throw new WireFault(WireError.BadJson, "JSON that is " + body.Kind, "an object");
            }
            return body;
        }

        private static JsonMessage Read(WireKind kind, JsonValue body)
        {
            var fields = new JsonFields(kind, body);
            switch (kind)
            {
                case WireKind.Hello:
                    return HelloMessage.Read(fields);
                case WireKind.Welcome:
                    return WelcomeMessage.Read(fields);
                case WireKind.Control:
                    return fields.Has("answer")
                        ? AnswerMessage.Read(fields) : (JsonMessage)QuestionMessage.Read(fields);
                case WireKind.Stats:
                    return StatsMessage.Read(fields);
                case WireKind.Error:
                    return ErrorMessage.Read(fields);
                case WireKind.Bye:
                    return ByeMessage.Read(fields);
                case WireKind.Lane:
                    return LaneMessage.Read(fields);
                default:
                    throw WireFault.Of(WireError.BadKind, "a " + kind + " read as JSON");
            }
        }
    }
}
