using System;

namespace Stylebridge
{
    /// <summary>Reads a pixel contract from JSON and refuses what doesn't belong, naming the field.</summary>
    internal static class PixelContractReader
    {
        private static readonly string[] ContractFields =
        {
            "version", "input", "output", "multiple", "fit", "clamp", "rounding",
        };

        private static readonly string[] SideFields = { "range", "channels", "layout", "rows", "color" };
        private static readonly string[] RangeFields = { "peak", "mean", "std" };

        internal static PixelContract Read(Func<JsonValue> parse, string where)
        {
            try
            {
                return ContractFrom(parse());
            }
            catch (StylebridgeException error)
            {
                throw new StylebridgeException(
                    "not a pixel contract: " + error.Found, error.Expected,
                    "write one with: stylebridge contract find, or take the one in the model file",
                    error.Where.Length > 0 ? error.Where : where, error.Code, error);
            }
        }

        private static PixelContract ContractFrom(JsonValue value)
        {
            CheckFields(value, "$", ContractFields, PixelRefusal.BadValue);
            if (value.TryGet("version", out JsonValue version) && !(version.TryInt64(out long number) && number == 1))
            {
                throw Refusal("another version at $.version", "1", PixelRefusal.Version);
            }
            long multiple = 1;
            if (value.TryGet("multiple", out JsonValue given)
                && !(given.TryInt64(out multiple) && multiple >= 1 && multiple <= PixelContract.MaxMultiple))
            {
                throw Refusal(
                    "no usable size at $.multiple", "a whole number from 1 to " + PixelContract.MaxMultiple,
                    PixelRefusal.BadMultiple);
            }
            return new PixelContract(
                SideFrom(value, "input"),
                SideFrom(value, "output"),
                (int)multiple,
                (PixelFit)Word(value, "$", "fit", "pad", "resize"),
                Flag(value, "clamp"),
                (PixelRounding)Word(value, "$", "rounding", "nearest", "floor"));
        }

        private static PixelSide SideFrom(JsonValue contract, string name)
        {
            if (!contract.TryGet(name, out JsonValue value))
            {
                return new PixelSide();
            }
            string path = "$." + name;
            CheckFields(value, path, SideFields, PixelRefusal.BadValue);
            return new PixelSide(
                RangeFrom(value, path + ".range"),
                (PixelChannels)Word(value, path, "channels", "rgb", "bgr"),
                (PixelLayout)Word(value, path, "layout", "nchw", "nhwc"),
                (PixelRows)Word(value, path, "rows", "top", "bottom"),
                (PixelColor)Word(value, path, "color", "srgb", "linear"));
        }

        private static PixelRange RangeFrom(JsonValue side, string path)
        {
            if (!side.TryGet("range", out JsonValue value))
            {
                return PixelRange.Unit;
            }
            if (value.TryText(out string name))
            {
                if (!PixelRange.TryNamed(name, out PixelRange named))
                {
                    throw Refusal(
                        StylebridgeException.Quote(name) + " at " + path, "unit, byte, signed, imagenet or an object",
                        PixelRefusal.BadRange);
                }
                return named;
            }
            CheckFields(value, path, RangeFields, PixelRefusal.BadRange);
            if (!value.TryGet("peak", out JsonValue given) || !given.TryDouble(out double peak))
            {
                throw Refusal("no usable number at " + path + ".peak", "a number above 0", PixelRefusal.BadRange);
            }
            return new PixelRange(peak, Triple(value, path, "mean"), Triple(value, path, "std"));
        }

        private static double[] Triple(JsonValue range, string path, string name)
        {
            bool usable = range.TryGet(name, out JsonValue value) && value.Kind == JsonKind.Array && value.Count == 3;
            var numbers = new double[3];
            for (int c = 0; c < 3 && usable; c++)
            {
                usable = value[c].TryDouble(out numbers[c]);
            }
            if (!usable)
            {
                throw Refusal(
                    "no usable numbers at " + path + "." + name, "three of them, for R, G and B",
                    PixelRefusal.BadRange);
            }
            return numbers;
        }

        /// <summary>The place of a field's word among the two it may be; the first one when it is missing.</summary>
        private static int Word(JsonValue value, string path, string name, string first, string second)
        {
            if (!value.TryGet(name, out JsonValue given))
            {
                return 0;
            }
            if (given.TryText(out string word) && (word == first || word == second))
            {
                return word == first ? 0 : 1;
            }
            throw Refusal("another word at " + path + "." + name, first + " or " + second, PixelRefusal.BadValue);
        }

        private static bool Flag(JsonValue contract, string name)
        {
            bool flag = true;
            if (contract.TryGet(name, out JsonValue given) && !given.TryBool(out flag))
            {
                throw Refusal("no truth value at $." + name, "true or false", PixelRefusal.BadValue);
            }
            return flag;
        }

        private static void CheckFields(JsonValue value, string path, string[] fields, string code)
        {
            if (value == null || value.Kind != JsonKind.Object)
            {
                throw Refusal("no object at " + path, "an object", code);
            }
            for (int i = 0; i < value.Count; i++)
            {
                if (Array.IndexOf(fields, value.NameAt(i)) < 0)
                {
                    throw Refusal(
                        "the unknown field " + StylebridgeException.Quote(value.NameAt(i)) + " at " + path,
                        string.Join(", ", fields), PixelRefusal.UnknownField);
                }
            }
        }

        private static StylebridgeException Refusal(string found, string expected, string code)
        {
            return new StylebridgeException(found, expected, "", "", code);
        }
    }
}
