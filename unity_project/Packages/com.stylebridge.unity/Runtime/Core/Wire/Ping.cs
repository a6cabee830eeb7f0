namespace Stylebridge.Wire
{
    /// <summary>A question for a sign of life, and the answer to it.</summary>
    public static class Ping
    {
        /// <summary>Bytes of the question.</summary>
        public const int Bytes = PrefixLayout.Bytes + PingLayout.Bytes;

        /// <summary>Bytes of the answer.</summary>
        public const int AnswerBytes = PrefixLayout.Bytes + PongLayout.Bytes;

        /// <summary>Takes a PING apart.</summary>
        public static bool TryDecode(byte[] data, int count, out ulong sentNs, out WireError error)
        {
            bool isWhole = WirePrefix.HasBody(count, PingLayout.Bytes, out error);
            sentNs = isWhole ? LittleEndian.ReadUInt64(data, PrefixLayout.Bytes + PingLayout.SentNs) : 0;
            return isWhole;
        }

        /// <summary>Takes a PONG apart.</summary>
        public static bool TryDecodeAnswer(
            byte[] data, int count, out ulong sentNs, out ulong answeredNs, out WireError error)
        {
            bool isWhole = WirePrefix.HasBody(count, PongLayout.Bytes, out error);
            sentNs = isWhole ? LittleEndian.ReadUInt64(data, PrefixLayout.Bytes + PongLayout.SentNs) : 0;
            answeredNs = isWhole ? LittleEndian.ReadUInt64(data, PrefixLayout.Bytes + PongLayout.AnsweredNs) : 0;
            return isWhole;
        }

        /// <summary>Writes a PING and gives its size.</summary>
        public static int Encode(byte[] target, ulong sentNs)
        {
            WirePrefix.Write(target, WireKind.Ping, Bytes);
            LittleEndian.WriteUInt64(target, PrefixLayout.Bytes + PingLayout.SentNs, sentNs);
            return Bytes;
        }

        /// <summary>Writes a PONG and gives its size.</summary>
        public static int EncodeAnswer(byte[] target, ulong sentNs, ulong answeredNs)
        {
            WirePrefix.Write(target, WireKind.Pong, AnswerBytes);
            LittleEndian.WriteUInt64(target, PrefixLayout.Bytes + PongLayout.SentNs, sentNs);
            LittleEndian.WriteUInt64(target, PrefixLayout.Bytes + PongLayout.AnsweredNs, answeredNs);
            return AnswerBytes;
        }
    }
}
