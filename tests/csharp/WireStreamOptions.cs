using System;
using System.Collections.Generic;
using System.Globalization;
using Stylebridge.Wire;

namespace Stylebridge.Tests
{
    /// <summary>The options of the harness's wire-stream command.</summary>
    internal sealed class WireStreamOptions
    {
        internal SenderOptions Sender { get; } = new SenderOptions { Name = "harness", Engine = "mono" };

        internal int Frames { get; private set; } = 10;

        internal int Width { get; private set; } = 64;

        internal int Height { get; private set; } = 48;

        internal int Channels { get; private set; } = 3;

        internal double Fps { get; private set; }

        internal List<string> Cameras { get; } = new List<string>();

        /// <summary>From which frame on the picture is twice as high; 0 for never.</summary>
        internal int GrowsAt { get; private set; }

        internal int Seed { get; private set; }

        internal int TimeoutMs { get; private set; } = 20000;

        /// <summary>Whether a line is printed for each frame, so that a test can act at a certain one.</summary>
        internal bool Tells { get; private set; }

        /// <summary>Whether a line is read from outside before each frame is given.</summary>
        internal bool IsLed { get; private set; }

        internal List<string> Obeyed { get; } = new List<string>();

        internal List<string> Asked { get; } = new List<string>();

        internal static WireStreamOptions Parse(string[] arguments)
        {
            var options = new WireStreamOptions();
            string key = "";
            string peer = "";
            for (int i = 1; i < arguments.Length; i++)
            {
                string name = arguments[i];
                if (options.TrySwitch(name))
                {
                    continue;
                }
                string value = i + 1 < arguments.Length ? arguments[++i] : "";
                key = name == "--key" ? value : key;
                peer = name == "--peer" ? value : peer;
                if (name != "--key" && name != "--peer")
                {
                    options.Set(name, value);
                }
            }
            if (options.Cameras.Count == 0)
            {
                options.Cameras.Add("main");
            }
            options.Sender.Keys = key.Length > 0 ? CurveKeys.FromFiles(key, peer) : null;
            return options;
        }

        private bool TrySwitch(string name)
        {
            switch (name)
            {
                case "--replies":
                    Sender.Replies = true;
                    return true;
                case "--checksums":
                    Sender.Checksums = true;
                    return true;
                case "--tell":
                    Tells = true;
                    return true;
                case "--led":
                    IsLed = true;
                    return true;
                default:
                    return false;
            }
        }

        private void Set(string name, string value)
        {
            switch (name)
            {
                case "--to":
                    Sender.Endpoint = value;
                    break;
                case "--flow":
                    WireWords.TryParse(value, out WireFlow flow);
                    Sender.Flow = flow;
                    break;
                case "--frames":
                    Frames = Number(value);
                    break;
                case "--size":
                    string[] sides = value.Split('x');
                    Width = Number(sides[0]);
                    Height = Number(sides[1]);
                    Channels = Number(sides[2]);
                    break;
                case "--fps":
                    Fps = double.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case "--lane":
                    Sender.SharedMemory = value == "ring";
                    break;
                case "--camera":
                    Cameras.Add(value);
                    break;
                case "--grow-at":
                    GrowsAt = Number(value);
                    break;
                case "--seed":
                    Seed = Number(value);
                    break;
                case "--timeout-ms":
                    TimeoutMs = Number(value);
                    break;
                case "--obey":
                    Obeyed.Add(value);
                    break;
                case "--ask":
                    Asked.Add(value);
                    break;
                default:
                    throw new StylebridgeException("option " + name, "one that wire-stream knows");
            }
        }

        private static int Number(string value)
        {
            return int.Parse(value, CultureInfo.InvariantCulture);
        }
    }
}
