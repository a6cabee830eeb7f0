namespace Stylebridge
{
    /// <summary>Reads one JSON text by recursive descent, within the bounds of <see cref="Json"/>.</summary>
    internal sealed class JsonReader
    {
        private readonly JsonScanner _scanner;
        private readonly JsonTextReader _texts;
        private readonly JsonNames _names;
        private int _values;

        internal JsonReader(byte[] bytes, int start, int count, string where, JsonNames names)
        {
            _scanner = new JsonScanner(bytes, start, count, where);
            _texts = new JsonTextReader(_scanner);
            _names = names;
        }

        internal JsonValue ReadAll()
        {
            _scanner.SkipSpace();
            JsonValue value = ReadValue(0);
            _scanner.SkipSpace();
            if (_scanner.Left > 0)
            {
                throw _scanner.Refusal("text after the value", "one value");
            }
            return value;
        }

        private JsonValue ReadValue(int depth)
        {
            if (++_values > Json.MaxValues)
            {
                throw _scanner.Refusal("more than " + Json.MaxValues + " values", "at most " + Json.MaxValues);
            }
            int offset = _scanner.Offset;
            switch (_scanner.Peek("a value"))
            {
                case (byte)'{':
                    return ReadObject(depth, offset);
                case (byte)'[':
                    return ReadArray(depth, offset);
                case (byte)'"':
                    return JsonValue.Of(_texts.Read(), offset);
                case (byte)'t':
                    _scanner.SkipWord("true");
                    return JsonValue.Of(true, offset);
                case (byte)'f':
                    _scanner.SkipWord("false");
                    return JsonValue.Of(false, offset);
                case (byte)'n':
                    _scanner.SkipWord("null");
                    return JsonValue.NewNull(offset);
                default:
                    return ReadNumber(offset);
            }
        }

        private JsonValue ReadObject(int depth, int offset)
        {
            JsonValue value = JsonValue.NewObject(offset);
            for (bool more = Open(depth, (byte)'}'); more; more = GoesOn((byte)'}'))
            {
                if (_scanner.Peek("a name") != '"')
                {
                    throw _scanner.Refusal(_scanner.Found(), "a name in quotes");
                }
                int nameAt = _scanner.At;
                string name = _texts.Read();
                _scanner.SkipSpace();
                if (_scanner.Peek("':'") != ':')
                {
                    throw _scanner.Refusal(_scanner.Found(), "':'");
                }
                _scanner.At++;
                _scanner.SkipSpace();
                if (_names == JsonNames.Once && value.HasName(name))
                {
                    _scanner.At = nameAt;
                    throw _scanner.Refusal(
                        "the name " + StylebridgeException.Quote(name) + " twice in one object", "each name once");
                }
                JsonValue item = ReadValue(depth + 1);
                if (!value.TrySet(name, item))
                {
                    value.Replace(name, item);
                }
            }
            return value;
        }

        private JsonValue ReadArray(int depth, int offset)
        {
            JsonValue value = JsonValue.NewArray(offset);
            for (bool more = Open(depth, (byte)']'); more; more = GoesOn((byte)']'))
            {
                value.Add(ReadValue(depth + 1));
            }
            return value;
        }

        /// <summary>Steps into an array or object; false when it is empty.</summary>
        private bool Open(int depth, byte close)
        {
            if (depth == Json.MaxDepth)
            {
                throw _scanner.Refusal("more than " + Json.MaxDepth + " levels", "at most " + Json.MaxDepth);
            }
            _scanner.At++;
            _scanner.SkipSpace();
            if (_scanner.Peek("a value or the end") != close)
            {
                return true;
            }
            _scanner.At++;
            return false;
        }

        private bool GoesOn(byte close)
        {
            _scanner.SkipSpace();
            string expected = close == '}' ? "',' or '}'" : "',' or ']'";
            byte next = _scanner.Peek(expected);
            if (next != ',' && next != close)
            {
                throw _scanner.Refusal(_scanner.Found(), expected);
            }
            _scanner.At++;
            _scanner.SkipSpace();
            return next == ',';
        }

        private JsonValue ReadNumber(int offset)
        {
            int from = _scanner.At;
            bool isNegative = _scanner.Skip('-');
            if (_scanner.Peek("a digit") == '0')
            {
                _scanner.At++; // a digit after a leading zero is text after the number
            }
            else
            {
                _scanner.SkipDigits(isNegative ? "a digit" : "a value");
            }
            int whole = _scanner.At;
            if (_scanner.Skip('.'))
            {
                _scanner.SkipDigits("a digit");
            }
            if (_scanner.Skip('e') || _scanner.Skip('E'))
            {
                if (!_scanner.Skip('+'))
                {
                    _scanner.Skip('-');
                }
                _scanner.SkipDigits("a digit");
            }
            if (_scanner.At - from > JsonNumber.MaxChars)
            {
                _scanner.At = from;
                throw _scanner.Refusal("a number of too many digits", "at most " + JsonNumber.MaxChars + " characters");
            }
            string text = _scanner.TextFrom(from);
            if (whole == _scanner.At && TryInteger(text, isNegative, out ulong magnitude))
            {
                return JsonValue.Of(magnitude, isNegative, offset);
            }
            return JsonValue.Of(JsonNumber.DoubleFromText(text), offset);
        }

        private static bool TryInteger(string text, bool isNegative, out ulong magnitude)
        {
            magnitude = 0;
            for (int i = isNegative ? 1 : 0; i < text.Length; i++)
            {
                uint digit = (uint)(text[i] - '0');
                if (magnitude > (ulong.MaxValue - digit) / 10)
                {
                    return false;
                }
                magnitude = magnitude * 10 + digit;
            }
            return !isNegative || magnitude <= 1UL << 63;
        }

    }
}
