using System;
using System.Collections.Generic;
using System.Text;

namespace Stylebridge.Wire
{
    /// <summary>The wire's enums as the words that JSON uses: <c>BadMagic</c> is <c>bad_magic</c>.</summary>
    public static class WireWords
    {
        /// <summary>The word of an enum's value.</summary>
        public static string WordFrom<T>(T value)
            where T : struct
        {
            return Words<T>.ByValue.TryGetValue(value, out string word) ? word : value.ToString();
        }

        /// <summary>The value that a word stands for.</summary>
        public static bool TryParse<T>(string word, out T value)
            where T : struct
        {
            value = default(T);
            return word != null && Words<T>.ByWord.TryGetValue(word, out value);
        }

        private static string Snake(string pascal)
        {
            var word = new StringBuilder();
            foreach (char c in pascal)
            {
                if (char.IsUpper(c) && word.Length > 0)
                {
                    word.Append('_');
                }
                word.Append(char.ToLowerInvariant(c));
            }
            return word.ToString();
        }

        private static class Words<T>
            where T : struct
        {
            internal static readonly Dictionary<T, string> ByValue = new Dictionary<T, string>();
            internal static readonly Dictionary<string, T> ByWord = new Dictionary<string, T>(StringComparer.Ordinal);

            static Words()
            {
                foreach (T value in (T[])Enum.GetValues(typeof(T)))
                {
                    string word = Snake(value.ToString());
                    ByValue[value] = word;
                    ByWord[word] = value;
                }
            }
        }
    }
}
