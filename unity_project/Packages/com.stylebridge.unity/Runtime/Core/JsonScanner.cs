using System.Globalization;

namespace Stylebridge
{
    /// <summary>A place in the bytes of a JSON text: what stands there, and a refusal that names it.</summary>
    internal sealed class JsonScanner
    {
        private readonly byte[] _bytes;
        private readonly int _start;
        private readonly int _end;
        private readonly string _where;

        internal JsonScanner(byte[] bytes, int start, int count, string where)
        {
            _bytes = bytes;
            _start = start;
            _end = start + count;
            _where = where;
            At = start;
        }

        /// <summary>The place in the array.</summary>
        internal int At { get; set; }

        /// <summary>The place in the text.</summary>
        internal int Offset
        {
            get { return At - _start; }
        }

        /// <summary>Bytes from here to the end.</summary>
        internal int Left
        {
            get { return _end - At; }
        }

        /// <summary>A byte so many places on; the caller knows that it is there.</summary>
        internal byte Ahead(int places)
        {
            return _bytes[At + places];
        }

        /// <summary>The text since an earlier place, which is all ASCII.</summary>
        internal string TextFrom(int at)
        {
            return System.Text.Encoding.ASCII.GetString(_bytes, at, At - at);
        }

        internal void SkipWord(string word)
        {
            foreach (char c in word)
            {
                if (Peek(word) != c)
                {
                    throw Refusal(Found(), word);
                }
                At++;
            }
        }

        internal void SkipSpace()
        {
            while (At < _end
                && (_bytes[At] == ' ' || _bytes[At] == '\n' || _bytes[At] == '\r' || _bytes[At] == '\t'))
            {
                At++;
            }
        }

        internal bool Skip(char c)
        {
            bool there = At < _end && _bytes[At] == c;
            At += there ? 1 : 0;
            return there;
        }

        internal void SkipDigits(string expected)
        {
            byte first = Peek(expected);
            if (first < '0' || first > '9')
            {
                throw Refusal(Found(), expected);
            }
            while (At < _end && _bytes[At] >= '0' && _bytes[At] <= '9')
            {
                At++;
            }
        }

        internal byte Peek(string expected)
        {
            if (At >= _end)
            {
                throw Refusal("the end of the text", expected);
            }
            return _bytes[At];
        }

        internal string Found()
        {
            byte c = _bytes[At];
            bool isVisible = c > 0x20 && c < 0x7F;
            return isVisible ? "'" + (char)c + "'" : "byte 0x" + c.ToString("x2", CultureInfo.InvariantCulture);
        }

        internal JsonFormatException Refusal(string found, string expected)
        {
            return new JsonFormatException(found, expected, At - _start, _where);
        }
    }
}
