using System;

namespace Stylebridge.Wire
{
    /// <summary>Which of the game's planes the collector wants; colour always.</summary>
    internal sealed class PlaneChoice
    {
        private const uint Always = 1u << (int)WirePlane.Color;
        private readonly WirePlane[] _offered;
        private bool _isAsked;

        internal PlaneChoice(WirePlane[] offered)
        {
            _offered = offered;
            Wanted = Bits(Words()) | Always;
        }

        /// <summary>A bit per plane that is to be sent.</summary>
        internal uint Wanted { get; private set; }

        /// <summary>The planes that the game can send.</summary>
        internal string[] Words()
        {
            return Array.ConvertAll(_offered, WireWords.WordFrom);
        }

        /// <summary>What a WELCOME wants; a control that asked for planes outlives the link.</summary>
        internal void Choose(string[] words)
        {
            Wanted = _isAsked ? Wanted : WantedOf(words);
        }

        /// <summary>The control <c>planes</c>: sends these from now on, as far as the game has them.</summary>
        internal JsonValue Obey(JsonValue args)
        {
            args.TryGet("names", out JsonValue names);
            var words = new string[names.Count];
            for (int i = 0; i < words.Length; i++)
            {
                names[i].TryText(out words[i]);
                bool isKnown = WireWords.TryParse(words[i], out WirePlane plane);
                if (!isKnown || Array.IndexOf(_offered, plane) < 0)
                {
                    throw new WireFault(
                        WireError.BadControl, "plane " + StylebridgeException.Quote(words[i]),
                        "one of: " + string.Join(", ", Words()));
                }
            }
            Wanted = WantedOf(words);
            _isAsked = true;
            WirePlane[] chosen = Array.FindAll(_offered, plane => (Wanted & (1u << (int)plane)) != 0);
            string[] chosenWords = Array.ConvertAll(chosen, WireWords.WordFrom);
            return JsonValue.NewObject().Set("names", JsonFields.ArrayFrom(chosenWords));
        }

        private uint WantedOf(string[] words)
        {
            return (Bits(Words()) & Bits(words)) | Always;
        }

        private static uint Bits(string[] words)
        {
            uint bits = 0;
            foreach (string word in words)
            {
                bits |= WireWords.TryParse(word, out WirePlane plane) ? 1u << (int)plane : 0;
            }
            return bits;
        }
    }
}
