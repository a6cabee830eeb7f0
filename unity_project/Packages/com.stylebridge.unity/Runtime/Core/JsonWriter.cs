using System.Globalization;
using System.Text;

namespace Stylebridge
{
    /// <summary>Writes one JSON value as compact text.</summary>
    internal static class JsonWriter
    {
        internal static string TextFrom(JsonValue value)
        {
            var text = new StringBuilder();
            Append(text, value, 0);
            return text.ToString();
        }

        private static void Append(StringBuilder text, JsonValue value, int depth)
        {
            switch (value.Kind)
            {
                case JsonKind.Null:
                    text.Append("null");
                    break;
                case JsonKind.Bool:
                    value.TryBool(out bool flag);
                    text.Append(flag ? "true" : "false");
                    break;
                case JsonKind.Number:
                    AppendNumber(text, value);
                    break;
                case JsonKind.String:
                    value.TryText(out string content);
                    AppendString(text, content);
                    break;
                default:
                    AppendContainer(text, value, depth);
                    break;
            }
        }

        private static void AppendNumber(StringBuilder text, JsonValue value)
        {
            if (value.IsInteger)
            {
                value.AppendIntegerTo(text);
                return;
            }
            if (!value.TryDouble(out double number))
            {
                throw new StylebridgeException("a number that float64 can't hold", "a finite number");
            }
            text.Append(JsonNumber.TextFromDouble(number));
        }

        private static void AppendContainer(StringBuilder text, JsonValue value, int depth)
        {
            // A value that was added to itself ends here too.
            if (depth == Json.MaxDepth)
            {
                throw new StylebridgeException(
                    "JSON deeper than " + Json.MaxDepth + " levels", "at most " + Json.MaxDepth + " levels");
            }
            bool isObject = value.Kind == JsonKind.Object;
            text.Append(isObject ? '{' : '[');
            for (int i = 0; i < value.Count; i++)
            {
                text.Append(i > 0 ? "," : "");
                if (isObject)
                {
                    AppendString(text, value.NameAt(i));
                    text.Append(':');
                }
                Append(text, value[i], depth + 1);
            }
            text.Append(isObject ? '}' : ']');
        }

        private static void AppendString(StringBuilder text, string content)
        {
            text.Append('"');
            for (int i = 0; i < content.Length; i++)
            {
                char c = content[i];
                if (char.IsSurrogate(c))
                {
                    if (!char.IsSurrogatePair(content, i))
                    {
                        throw new StylebridgeException(
                            "half of a surrogate pair at character " + i + " of a text for JSON", "whole characters");
                    }
                    text.Append(c).Append(content[++i]);
                    continue;
                }
                AppendCharacter(text, c);
            }
            text.Append('"');
        }

        private static void AppendCharacter(StringBuilder text, char c)
        {
            int shortForm = "\"\\\b\f\n\r\t".IndexOf(c);
            if (shortForm >= 0)
            {
                text.Append('\\').Append("\"\\bfnrt"[shortForm]);
            }
            else if (c < ' ')
            {
                text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            }
            else
            {
                text.Append(c);
            }
        }
    }
}
