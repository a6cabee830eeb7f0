using System.Text;

namespace Stylebridge
{
    /// <summary>Reads the texts between quotes: escapes, and UTF-8 in its shortest form only.</summary>
    internal sealed class JsonTextReader
    {
        private readonly JsonScanner _scanner;
        private readonly StringBuilder _text = new StringBuilder();

        internal JsonTextReader(JsonScanner scanner)
        {
            _scanner = scanner;
        }

        /// <summary>Reads from one quote to the other.</summary>
        internal string Read()
        {
            _text.Length = 0;
            _scanner.At++;
            while (true)
            {
                byte c = _scanner.Peek("the end of the text");
                if (c == '"')
                {
                    _scanner.At++;
                    return _text.ToString();
                }
                if (c < 0x20)
                {
                    throw _scanner.Refusal(_scanner.Found() + " in a text", "it written as an escape");
                }
                if (c == '\\')
                {
                    ReadEscape();
                }
                else if (c < 0x80)
                {
                    _text.Append((char)c);
                    _scanner.At++;
                }
                else
                {
                    ReadCharacter(c);
                }
            }
        }

        private void ReadEscape()
        {
            int from = _scanner.At++;
            byte c = _scanner.Peek("the rest of an escape");
            int plain = "\"\\/bfnrt".IndexOf((char)c);
            if (c != 'u' && plain < 0)
            {
                _scanner.At = from;
                throw _scanner.Refusal("an unknown escape", "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
            }
            _scanner.At++;
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
            bool paired = char.IsHighSurrogate(unit) && _scanner.Left > 1 && _scanner.Ahead(0) == '\\'
                && _scanner.Ahead(1) == 'u';
            if (paired)
            {
                _scanner.At += 2;
                char second = ReadHex();
                paired = char.IsLowSurrogate(second);
                _text.Append(second);
            }
            if (!paired)
            {
                _scanner.At = from;
                throw _scanner.Refusal("half of a surrogate pair", "a high half and then a low half");
            }
        }

        private char ReadHex()
        {
            int unit = 0;
            for (int i = 0; i < 4; i++, _scanner.At++)
            {
                byte c = _scanner.Peek("a hexadecimal digit");
                int digit = "0123456789abcdef".IndexOf(char.ToLowerInvariant((char)c));
                if (digit < 0)
                {
                    throw _scanner.Refusal(_scanner.Found(), "a hexadecimal digit");
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
            bool valid = first >= 0xC2 && first <= 0xF4 && length <= _scanner.Left;
            for (int i = 1; i < length && valid; i++)
            {
                byte next = _scanner.Ahead(i);
                valid = (next & 0xC0) == 0x80;
                code = (code << 6) | (next & 0x3F);
            }
            int smallest = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
            if (!valid || code < smallest || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
            {
                throw _scanner.Refusal(_scanner.Found() + " in a text", "UTF-8");
            }
            _text.Append(char.ConvertFromUtf32(code));
            _scanner.At += length;
        }
    }
}
