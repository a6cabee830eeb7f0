using System.Collections.Generic;

namespace Stylebridge.Wire
{
    /// <summary>A JSON message's fields, each checked when it is asked for; unknown ones are passed over.</summary>
    internal sealed class JsonFields
    {
        private const int MaxWords = 64;
        private readonly WireKind _kind;
        private readonly JsonValue _values;

        internal JsonFields(WireKind kind, JsonValue values)
        {
            _kind = kind;
            _values = values;
        }

        internal static JsonValue ArrayFrom(IEnumerable<string> words)
        {
            JsonValue array = JsonValue.NewArray();
            foreach (string word in words)
            {
                array.Add(JsonValue.Of(word));
            }
            return array;
        }

        internal static int CodePoints(string text)
        {
            int count = text.Length;
            foreach (char c in text)
            {
                count -= char.IsLowSurrogate(c) ? 1 : 0;
            }
            return count;
        }

        internal bool Has(string name)
        {
            return _values.TryGet(name, out _);
        }

        /// <summary>Text; a missing one is the fallback, or a fault when there is none.</summary>
        internal string Text(string name, string fallback = null, int max = WireConstants.MaxText)
        {
            if (!_values.TryGet(name, out JsonValue value) && fallback != null)
            {
                return fallback;
            }
            if (value == null || !value.TryText(out string text) || CodePoints(text) > max)
            {
                throw Unfit(name, "text of at most " + max + " characters");
            }
            return text;
        }

        internal WireId Id(string name)
        {
            if (!WireId.TryParse(Text(name), out WireId id))
            {
                throw Unfit(name, "32 hex digits");
            }
            return id;
        }

        internal bool Flag(string name, bool fallback, bool mayBeMissing)
        {
            if (!_values.TryGet(name, out JsonValue value) && mayBeMissing)
            {
                return fallback;
            }
            if (value == null || !value.TryBool(out bool flag))
            {
                throw Unfit(name, "true or false");
            }
            return flag;
        }

        /// <summary>A whole number; a missing one is the fallback, or a fault when that is negative.</summary>
        internal long Number(string name, long least, long most, long fallback = -1)
        {
            if (!_values.TryGet(name, out JsonValue value) && fallback >= 0)
            {
                return fallback;
            }
            if (value == null || !value.TryInt64(out long number) || number < least || number > most)
            {
                throw Unfit(name, "a whole number from " + least + " to " + most);
            }
            return number;
        }

        internal string[] Words(string name, string fallback, bool mayBeMissing)
        {
            if (!_values.TryGet(name, out JsonValue value) && mayBeMissing)
            {
                return fallback.Length > 0 ? new[] { fallback } : new string[0];
            }
            if (value == null || value.Kind != JsonKind.Array || value.Count > MaxWords)
            {
                throw Unfit(name, "a list of at most " + MaxWords + " words");
            }
            var words = new string[value.Count];
            for (int i = 0; i < words.Length; i++)
            {
                if (!value[i].TryText(out words[i]) || CodePoints(words[i]) > WireConstants.MaxText)
                {
                    throw Unfit(name, "words of at most " + WireConstants.MaxText + " characters");
                }
            }
            return words;
        }

        internal JsonValue Object(string name, bool mayBeMissing)
        {
            if (!_values.TryGet(name, out JsonValue value) && mayBeMissing)
            {
                return JsonValue.NewObject();
            }
            if (value == null || value.Kind != JsonKind.Object)
            {
                throw Unfit(name, "an object");
            }
            return value;
        }

        internal WireFault Unfit(string name, string expected)
        {
            string what = WireWords.WordFrom(_kind).ToUpperInvariant() + " with an unfit '" + name + "'";
            return new WireFault(WireError.BadMessage, what, expected);
        }
    }
}
