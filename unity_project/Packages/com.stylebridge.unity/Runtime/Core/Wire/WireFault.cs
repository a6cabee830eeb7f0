namespace Stylebridge.Wire
{
    /// <summary>A message that can't be taken, or a peer that can't be served; Python has the same codes.</summary>
    public sealed class WireFault : StylebridgeException
    {
        /// <summary>A refusal with its code; the base's code is the same as a word.</summary>
        public WireFault(WireError error, string found, string expected = "", string doThis = "", string where = "")
            : base(found, expected, doThis, where, WireWords.WordFrom(error))
        {
            Error = error;
        }

        /// <summary>The code.</summary>
        public WireError Error { get; }

        /// <summary>The refusal of a whole message by code alone.</summary>
        public static WireFault Of(WireError error, string what, string where = "")
        {
            return new WireFault(
                error, what + " refused with " + WireWords.WordFrom(error), Wanted(error), Remedy(error), where);
        }

        private static string Wanted(WireError error)
        {
            switch (error)
            {
                case WireError.BadVersion:
                    return "version " + WireConstants.Version;
                case WireError.BadMagic:
                    return "a message that opens with STYB";
                case WireError.TooLarge:
                    return "sizes within the protocol's limits and those agreed with the peer";
                case WireError.Torn:
                    return "a slot that still bears the frame's stamp";
                default:
                    return "what the protocol's text says";
            }
        }

        private static string Remedy(WireError error)
        {
            return error == WireError.BadVersion ? "bring both sides to the same stylebridge release" : "";
        }
    }
}
