using System;

namespace Stylebridge
{
    /// <summary>One line a person can act on: what was found, what was expected, what to do, and where.</summary>
    public class StylebridgeException : Exception
    {
        private const int MaxQuoted = 60;

        /// <summary>Joins the parts into the one line that people see.</summary>
        public StylebridgeException(
            string found, string expected = "", string doThis = "", string where = "", string code = "",
            Exception inner = null)
            : base(Line(found, expected, doThis, where), inner)
        {
            Found = found;
            Expected = expected;
            Do = doThis;
            Where = where;
            Code = code;
        }

        /// <summary>What was found.</summary>
        public string Found { get; }

        /// <summary>What was expected; empty where the finding says it all.</summary>
        public string Expected { get; }

        /// <summary>What the person can do about it; empty where nothing is known.</summary>
        public string Do { get; }

        /// <summary>The file, node, byte offset or peer; empty where there is none.</summary>
        public string Where { get; }

        /// <summary>A short word for programs, the same in every language; empty where none is agreed.</summary>
        public string Code { get; }

        /// <summary>Text from outside, cut to a length that keeps a message one line.</summary>
        public static string Quote(string text)
        {
            return text.Length <= MaxQuoted ? "'" + text + "'" : "'" + Cut(text, MaxQuoted) + "…'";
        }

        /// <summary>The start of a text, at most so long, that ends with a whole character.</summary>
        internal static string Cut(string text, int length)
        {
            if (text.Length <= length)
            {
                return text;
            }
            return text.Substring(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length);
        }

        private static string Line(string found, string expected, string doThis, string where)
        {
            string line = where.Length > 0 ? where + ": " + found : found;
            if (expected.Length > 0)
            {
                line += "; expected " + expected;
            }
            if (doThis.Length > 0)
            {
                line += ". " + char.ToUpperInvariant(doThis[0]) + doThis.Substring(1);
            }
            return string.Join(" ", line.Split((char[])null, StringSplitOptions.RemoveEmptyEntries));
        }
    }
}
