using System.Globalization;

namespace Stylebridge
{
    /// <summary>Bytes that aren't the JSON this project reads, with the place of the first wrong one.</summary>
    public sealed class JsonFormatException : StylebridgeException
    {
        /// <summary>A refusal at a byte of the text, in a file or from a peer.</summary>
        public JsonFormatException(string found, string expected, int byteOffset, string where)
            : base(found, expected, "", Place(byteOffset, where), "not-json")
        {
            ByteOffset = byteOffset;
        }

        /// <summary>The first byte that can't be accepted, counted from the start of the text.</summary>
        public int ByteOffset { get; }

        private static string Place(int byteOffset, string where)
        {
            string place = "byte " + byteOffset.ToString(CultureInfo.InvariantCulture);
            return string.IsNullOrEmpty(where) ? place : where + ", " + place;
        }
    }
}
