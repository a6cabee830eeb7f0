using System.Globalization;
using System.Text;

namespace Stylebridge
{
    /// <summary>Reads one JSON text by recursive descent, within the bounds of <see cref="Json"/>.</summary>
    internal sealed class JsonReader
    {
        private readonly byte[] _bytes;
        private readonly int _start;
        private readonly int _end;
        private readonly string _where;
        private readonly JsonNames _names;
        private readonly StringBuilder _text = new StringBuilder();
        private int _at;
        private int _values;

        internal JsonReader(byte[] bytes, int start, int count, string where, JsonNames names)
        {
            _bytes = bytes;
            _start = start;
            _end = start + count;
            _at = start;
            _where = where;
            _names = names;
        }

        internal JsonValue ReadAll()
        {
            SkipSpace();
            JsonValue value = ReadValue(0);
            SkipSpace();
            if (_at < _end)
            {
                throw Refusal("text after the value", "one value");
            }
            return value;
        }

        private JsonValue ReadValue(int depth)
        {
            if (++_values > Json.MaxValues)
            {
                throw Refusal("more than " + Json.MaxValues + " values", "at most " + Json.MaxValues);
            }
            int offset = _at - _start;
            switch (Peek("a value"))
            {
                case (byte)'{':
                    return ReadObject(depth, offset);
                case (byte)'[':
                    return ReadArray(depth, offset);
                case (byte)'"':
                    return JsonValue.Of(ReadString(), offset);
                case (byte)'t':
                    ReadWord("true");
                    return JsonValue.Of(true, offset);
                case (byte)'f':
                    ReadWord("false");
                    return JsonValue.Of(false, offset);
                case (byte)'n':
                    ReadWord("null");
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
                if (Peek("a name") != '"')
                {
                    throw Refusal(Found(), "a name in quotes");
                }
                int nameAt = _at;
                string name = ReadString();
                SkipSpace();
                if (Peek("':'") != ':')
                {
                    throw Refusal(Found(), "':'");
                }
                _at++;
                SkipSpace();
                if (_names == JsonNames.Once && value.HasName(name))
                {
                    _at = nameAt;
                    throw Refusal(
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
                throw Refusal("more than " + Json.MaxDepth + " levels", "at most " + Json.MaxDepth);
            }
            _at++;
            SkipSpace();
            if (Peek("a value or the end") != close)
            {
                return true;
            }
            _at++;
            return false;
        }

        private bool GoesOn(byte close)
        {
            SkipSpace();
            string expected = close == '}' ? "',' or '}'" : "',' or ']'";
            byte next = Peek(expected);
            if (next != ',' && next != close)
            {
                throw Refusal(Found(), expected);
            }
            _at++;
            SkipSpace();
            return next == ',';
        }

        private void ReadWord(string word)
        {
            foreach (char c in word)
            {
                if (Peek(word) != c)
                {
                    throw Refusal(Found(), word);
                }
                _at++;
            }
        }

        private JsonValue ReadNumber(int offset)
        {
            int from = _at;
            bool isNegative = Skip('-');
            if (Peek("a digit") == '0')
            {
                _at++; // a digit after a leading zero is text after the number
            }
            else
            {
                SkipDigits(isNegative ? "a digit" : "a value");
            }
            int whole = _at;
            if (Skip('.'))
            {
                SkipDigits("a digit");
            }
            if (Skip('e') || Skip('E'))
            {
                if (!Skip('+'))
                {
                    Skip('-');
                }
                SkipDigits("a digit");
            }
            if (_at - from > JsonNumber.MaxChars)
            {
                _at = from;
                throw Refusal("a number of too many digits", "at most " + JsonNumber.MaxChars + " characters");
            }
            string text = Encoding.ASCII.GetString(_bytes, from, _at - from);
            if (whole == _at && TryInteger(text, isNegative, out ulong magnitude))
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

        private string ReadString()
        {
            _text.Length = 0;
            _at++;
            while (true)
            {
                byte c = Peek("the end of the text");
                if (c == '"')
                {
                    _at++;
                    return _text.ToString();
                }
                if (c < 0x20)
                {
                    throw Refusal(Found() + " in a text", "it written as an escape");
                }
                if (c == '\\')
                {
                    ReadEscape();
                }
                else if (c < 0x80)
                {
                    _text.Append((char)c);
                    _at++;
                }
                else
                {
                    ReadCharacter(c);
                }
            }
        }

        private void ReadEscape()
        {
            int from = _at++;
            byte c = Peek("the rest of an escape");
            int plain = "\"\\/bfnrt".IndexOf((char)c);
            if (c != 'u' && plain < 0)
            {
                _at = from;
                throw Refusal("an unknown escape", "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
            }
            _at++;
            if (plain >= 0)
            {
                _text.Append("\"\\/\b\f\n\r\t"[plain]);
                return;
            }
            char unit = ReadHex();
            _text.Append(unit);
            if (!char.IsSurrogate(unit))
            {
                return;
            }
            bool paired = char.IsHighSurrogate(unit) && _at + 1 < _end && _bytes[_at] == '\\' && _bytes[_at + 1] == 'u';
            if (paired)
            {
                _at += 2;
                char second = ReadHex();
                paired = char.IsLowSurrogate(second);
                _text.Append(second);
            }
            if (!paired)
            {
                _at = from;
                throw Refusal("half of a surrogate pair", "a high half and then a low half");
            }
        }

        private char ReadHex()
        {
            int unit = 0;
            for (int i = 0; i < 4; i++, _at++)
            {
                byte c = Peek("a hexadecimal digit");
                int digit = "0123456789abcdef".IndexOf(char.ToLowerInvariant((char)c));
                if (digit < 0)
                {
                    throw Refusal(Found(), "a hexadecimal digit");
                }
                unit = unit * 16 + digit;
            }
            return (char)unit;
        }

        /// <summary>One character beyond ASCII, accepted only in its shortest UTF-8 form.</summary>
        private void ReadCharacter(byte first)
        {
            int length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
            int code = first & (0xFF >> (length + 1));
            bool valid = first >= 0xC2 && first <= 0xF4 && length <= _end - _at;
            for (int i = 1; i < length && valid; i++)
            {
                byte next = _bytes[_at + i];
                valid = (next & 0xC0) == 0x80;
                code = (code << 6) | (next & 0x3F);
            }
            int smallest = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
            if (!valid || code < smallest || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
            {
                throw Refusal(Found() + " in a text", "UTF-8");
            }
            _text.Append(char.ConvertFromUtf32(code));
            _at += length;
        }

        private void SkipSpace()
        {
            while (_at < _end
                && (_bytes[_at] == ' ' || _bytes[_at] == '\n' || _bytes[_at] == '\r' || _bytes[_at] == '\t'))
            {
                _at++;
            }
        }

        private bool Skip(char c)
        {
            bool there = _at < _end && _bytes[_at] == c;
            _at += there ? 1 : 0;
            return there;
        }

        private void SkipDigits(string expected)
        {
            byte first = Peek(expected);
            if (first < '0' || first > '9')
            {
                throw Refusal(Found(), expected);
            }
            while (_at < _end && _bytes[_at] >= '0' && _bytes[_at] <= '9')
            {
                _at++;
            }
        }

        private byte Peek(string expected)
        {
            if (_at >= _end)
            {
                throw Refusal("the end of the text", expected);
            }
            return _bytes[_at];
        }

        private string Found()
        {
            byte c = _bytes[_at];
            bool isVisible = c > 0x20 && c < 0x7F;
            return isVisible ? "'" + (char)c + "'" : "byte 0x" + c.ToString("x2", CultureInfo.InvariantCulture);
        }

        private JsonFormatException Refusal(string found, string expected)
        {
            return new JsonFormatException(found, expected, _at - _start, _where);
        }
    }
}
