using System;
using System.Text;

namespace Stylebridge
{
    /// <summary>What becomes of a name that stands twice in one object.</summary>
    public enum JsonNames
    {
        /// <summary>It is refused.</summary>
        Once,

        /// <summary>The last one counts alone, as in the metadata of model files.</summary>
        LastCounts,
    }

    /// <summary>Strict JSON within bounds: refusals name the byte offset, writing is compact UTF-8.</summary>
    public static class Json
    {
        /// <summary>How many arrays and objects may stand inside each other.</summary>
        public const int MaxDepth = 32;

        /// <summary>How many bytes a text may have unless the caller says otherwise.</summary>
        public const int MaxBytes = 1 << 20;

        /// <summary>How many values a text may hold, because each costs far more memory than its bytes.</summary>
        public const int MaxValues = 100000;

        private static readonly UTF8Encoding Utf8 = new UTF8Encoding(false, true);

        /// <summary>Reads one value from text.</summary>
        public static JsonValue Parse(
            string text, string where = "", int maxBytes = MaxBytes, JsonNames names = JsonNames.Once)
        {
            if (text == null)
            {
                throw new ArgumentNullException(nameof(text));
            }
            if (text.Length > maxBytes)
            {
                throw TooLong(text.Length, maxBytes, where); // before it is copied
            }
            try
            {
                byte[] utf8 = Utf8.GetBytes(text);
                return Parse(utf8, 0, utf8.Length, where, maxBytes, names);
            }
            catch (EncoderFallbackException error)
            {
                int at = Encoding.UTF8.GetByteCount(text.Substring(0, Math.Max(0, error.Index)));
                throw new JsonFormatException("half of a surrogate pair", "whole characters", at, where);
            }
        }

        /// <summary>Reads one value from a part of an array of UTF-8.</summary>
        public static JsonValue Parse(
            byte[] utf8, int offset, int count, string where = "", int maxBytes = MaxBytes,
            JsonNames names = JsonNames.Once)
        {
            if (utf8 == null)
            {
                throw new ArgumentNullException(nameof(utf8));
            }
            if (offset < 0 || count < 0 || offset > utf8.Length - count)
            {
                throw new StylebridgeException(
                    count + " bytes of JSON from byte " + offset, "a range within " + utf8.Length + " bytes");
            }
            if (count > maxBytes)
            {
                throw TooLong(count, maxBytes, where);
            }
            return new JsonReader(utf8, offset, count, where, names).ReadAll();
        }

        /// <summary>Reads one value from a whole array of UTF-8.</summary>
        public static JsonValue Parse(
            byte[] utf8, string where = "", int maxBytes = MaxBytes, JsonNames names = JsonNames.Once)
        {
            if (utf8 == null)
            {
                throw new ArgumentNullException(nameof(utf8));
            }
            return Parse(utf8, 0, utf8.Length, where, maxBytes, names);
        }

        /// <summary>Reads one value where bad JSON is expected to happen.</summary>
        public static bool TryParse(
            byte[] utf8, int offset, int count, out JsonValue value, out JsonFormatException error)
        {
            try
            {
                value = Parse(utf8, offset, count);
                error = null;
                return true;
            }
            catch (JsonFormatException refusal)
            {
                value = null;
                error = refusal;
                return false;
            }
        }

        /// <summary>The value as compact JSON text, names in the order in which they were set.</summary>
        public static string TextFrom(JsonValue value)
        {
            return JsonWriter.TextFrom(value);
        }

        /// <summary>The value as compact JSON in UTF-8.</summary>
        public static byte[] BytesFrom(JsonValue value)
        {
            return Utf8.GetBytes(JsonWriter.TextFrom(value));
        }

        private static JsonFormatException TooLong(int count, int maxBytes, string where)
        {
            return new JsonFormatException(
                "JSON of " + count + " bytes", "at most " + maxBytes + " bytes", maxBytes, where);
        }
    }
}
