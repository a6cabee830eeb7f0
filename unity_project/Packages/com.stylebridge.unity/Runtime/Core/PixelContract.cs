using System;
using System.Globalization;

namespace Stylebridge
{
    /// <summary>How a frame gets sides that the network's strides divide.</summary>
    public enum PixelFit
    {
        /// <summary>The last row and column are repeated.</summary>
        Pad,

        /// <summary>Bilinear resizing to the nearest multiple.</summary>
        Resize,
    }

    /// <summary>The short words for what the contract refuses; the same in every language.</summary>
    public static class PixelRefusal
    {
        /// <summary>The text isn't JSON.</summary>
        public const string NotJson = "not-json";

        /// <summary>Another version than 1.</summary>
        public const string Version = "version";

        /// <summary>A field that the contract doesn't have.</summary>
        public const string UnknownField = "unknown-field";

        /// <summary>A range that isn't known or whose numbers can't be used.</summary>
        public const string BadRange = "bad-range";

        /// <summary>A size multiple that isn't a whole number from 1 to 512.</summary>
        public const string BadMultiple = "bad-multiple";

        /// <summary>Any other wrong type or word.</summary>
        public const string BadValue = "bad-value";

        /// <summary>A network output that isn't one picture in the contract's layout.</summary>
        public const string WrongShape = "wrong-shape";

        /// <summary>A network output of another size than its input.</summary>
        public const string WrongSize = "wrong-size";

        /// <summary>A network output with NaN or infinite values.</summary>
        public const string NotFinite = "not-finite";

        /// <summary>A network output outside its range under clamp=false.</summary>
        public const string OutOfRange = "out-of-range";
    }

    /// <summary>The agreement between a network and whoever feeds it pixels.</summary>
    public sealed class PixelContract : IEquatable<PixelContract>
    {
        /// <summary>The key under which a model file's metadata holds the contract's JSON.</summary>
        public const string MetadataKey = "stylebridge.contract";

        /// <summary>The largest size multiple.</summary>
        public const int MaxMultiple = 512;

        private const int MaxJsonBytes = 65536;

        /// <summary>A contract; what isn't named is the plain form.</summary>
        public PixelContract(
            PixelSide input = null, PixelSide output = null, int multiple = 1, PixelFit fit = PixelFit.Pad,
            bool clamp = true, PixelRounding rounding = PixelRounding.Nearest)
        {
            if (multiple < 1 || multiple > MaxMultiple)
            {
                throw new StylebridgeException(
                    "a size multiple of " + multiple.ToString(CultureInfo.InvariantCulture), "1 to " + MaxMultiple,
                    "", "", PixelRefusal.BadMultiple);
            }
            Input = input ?? new PixelSide();
            Output = output ?? new PixelSide();
            Multiple = multiple;
            Fit = fit;
            Clamp = clamp;
            Rounding = rounding;
        }

        /// <summary>What the network is fed.</summary>
        public PixelSide Input { get; }

        /// <summary>What the network gives.</summary>
        public PixelSide Output { get; }

        /// <summary>What both sides of the network's input are a multiple of.</summary>
        public int Multiple { get; }

        /// <summary>How a frame gets such sides.</summary>
        public PixelFit Fit { get; }

        /// <summary>Whether levels outside the range are clipped; otherwise they are refused.</summary>
        public bool Clamp { get; }

        /// <summary>How a level becomes a byte.</summary>
        public PixelRounding Rounding { get; }

        /// <summary>Reads the JSON form; anything unknown or out of place is refused with a code.</summary>
        public static PixelContract FromJson(string text, string where = "")
        {
            // A model file's metadata may hold a key twice, and Python's readers let the last one count.
            return PixelContractReader.Read(() => Json.Parse(text, where, MaxJsonBytes, JsonNames.LastCounts), where);
        }

        /// <summary>Reads the JSON form from UTF-8; anything unknown or out of place is refused with a code.</summary>
        public static PixelContract FromJson(byte[] utf8, string where = "")
        {
            return PixelContractReader.Read(() => Json.Parse(utf8, where, MaxJsonBytes, JsonNames.LastCounts), where);
        }

        /// <summary>The contract in a JSON value that was read as part of something larger.</summary>
        public static PixelContract FromJson(JsonValue value, string where = "")
        {
            return PixelContractReader.Read(() => value, where);
        }

        /// <summary>The JSON form, every field spelled out.</summary>
        public string ToJson()
        {
            return Json.TextFrom(ToJsonValue());
        }

        /// <summary>The JSON form as a value to put into something larger.</summary>
        public JsonValue ToJsonValue()
        {
            return JsonValue.NewObject()
                .Set("version", JsonValue.Of(1))
                .Set("input", Input.ToJsonValue())
                .Set("output", Output.ToJsonValue())
                .Set("multiple", JsonValue.Of(Multiple))
                .Set("fit", JsonValue.Of(Fit == PixelFit.Resize ? "resize" : "pad"))
                .Set("clamp", JsonValue.Of(Clamp))
                .Set("rounding", JsonValue.Of(Rounding == PixelRounding.Floor ? "floor" : "nearest"));
        }

        /// <summary>The side that the network is given for a frame's width or height.</summary>
        public int FittedSide(int side)
        {
            if (side < 1 || side > PixelConverter.MaxSide)
            {
                throw new StylebridgeException(
                    "a frame with a side of " + side.ToString(CultureInfo.InvariantCulture),
                    "1 to " + PixelConverter.MaxSide);
            }
            int m = Multiple;
            return Fit == PixelFit.Pad ? (side + m - 1) / m * m : Math.Max(m, (2 * side + m) / (2 * m) * m);
        }

        /// <summary>Whether both contracts say the same.</summary>
        public bool Equals(PixelContract other)
        {
            return other != null && Input.Equals(other.Input) && Output.Equals(other.Output)
                && Multiple == other.Multiple && Fit == other.Fit && Clamp == other.Clamp && Rounding == other.Rounding;
        }

        /// <summary>Whether both contracts say the same.</summary>
        public override bool Equals(object other)
        {
            return Equals(other as PixelContract);
        }

        /// <summary>A hash that agrees with equality.</summary>
        public override int GetHashCode()
        {
            return (Input.GetHashCode() * 31 + Output.GetHashCode()) * 31 + Multiple;
        }
    }
}
