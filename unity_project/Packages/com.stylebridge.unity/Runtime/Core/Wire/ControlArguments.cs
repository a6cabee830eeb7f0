namespace Stylebridge.Wire
{
    /// <summary>The arguments of the controls that both sides know.</summary>
    internal static class ControlArguments
    {
        private const long MaxSteps = 1000000;
        private const double FastestScale = 1000;

        /// <summary>The arguments of a known control with their defaults; those of another pass as they are.</summary>
        internal static JsonValue Check(string name, JsonValue args)
        {
            switch (name)
            {
                case "pause":
                case "resume":
                    Only(name, args);
                    return args;
                case "step":
                    Only(name, args, "count");
                    return JsonValue.NewObject().Set("count", Whole(name, args, "count", 1, MaxSteps, 1));
                case "reset":
                    Only(name, args, "seed");
                    return JsonValue.NewObject().Set("seed", Whole(name, args, "seed", 0, long.MaxValue, 0));
                case "resolution":
                    Only(name, args, "width", "height");
                    Whole(name, args, "width", 1, WireConstants.MaxSide);
                    Whole(name, args, "height", 1, WireConstants.MaxSide);
                    return args;
                case "time_scale":
                    Only(name, args, "scale");
                    bool isScale = args.TryGet("scale", out JsonValue scale) && scale.TryDouble(out double pace)
                        && pace >= 0 && pace <= FastestScale;
                    return isScale ? args : throw Unfit(name, "a scale from 0 to " + FastestScale);
                case "camera":
                case "model":
                    Only(name, args, "name");
                    return IsName(args, "name") ? args : throw Unfit(name, "a name");
                case "planes":
                    Only(name, args, "names");
                    return AreNames(args) ? args : throw Unfit(name, "1 to " + WireConstants.MaxPlanes + " names");
                default:
                    return args;
            }
        }

        private static JsonValue Whole(
            string control, JsonValue args, string name, long least, long most, long fallback = -1)
        {
            if (!args.TryGet(name, out JsonValue value) && fallback >= 0)
            {
                return JsonValue.Of(fallback);
            }
            if (value == null || !value.TryInt64(out long number) || number < least || number > most)
            {
                throw Unfit(control, "a whole '" + name + "' from " + least + " to " + most);
            }
            return value;
        }

        private static bool IsName(JsonValue args, string name)
        {
            return args.TryGet(name, out JsonValue value) && IsText(value);
        }

        private static bool AreNames(JsonValue args)
        {
            bool areFit = args.TryGet("names", out JsonValue names) && names.Kind == JsonKind.Array
                && names.Count >= 1 && names.Count <= WireConstants.MaxPlanes;
            for (int i = 0; areFit && i < names.Count; i++)
            {
                areFit = IsText(names[i]);
            }
            return areFit;
        }

        private static bool IsText(JsonValue value)
        {
            return value.TryText(out string text) && JsonFields.CodePoints(text) <= WireConstants.MaxText;
        }

        private static void Only(string control, JsonValue args, string first = "", string second = "")
        {
            for (int i = 0; i < args.Count; i++)
            {
                string name = args.NameAt(i);
                if (name.Length == 0 || (name != first && name != second))
                {
                    throw Unfit(control, "no argument " + StylebridgeException.Quote(name));
                }
            }
        }

        private static WireFault Unfit(string control, string expected)
        {
            return new WireFault(WireError.BadControl, "unfit arguments for '" + control + "'", expected);
        }
    }
}
