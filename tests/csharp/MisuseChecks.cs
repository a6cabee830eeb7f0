using System;

namespace Stylebridge.Tests
{
    /// <summary>Calls the core wrongly in every way that must be refused and prints what it says.</summary>
    internal static class MisuseChecks
    {
        internal static int Print()
        {
            var bytes = new byte[12];
            var floats = new float[12];
            var bare = new PixelConverter(new PixelContract());
            var ready = new PixelConverter(new PixelContract());
            ready.Prepare(2, 2);
            int[] shape = { 1, 3, 2, 2 };
            Say("unprepared", () => bare.ToTensor(bytes, 2, 2, 3, floats));
            Say("another size", () => ready.ToTensor(bytes, 3, 2, 3, floats));
            Say("channels", () => ready.ToTensor(bytes, 2, 2, 2, floats));
            Say("short picture", () => ready.ToTensor(bytes, 2, 2, 4, floats));
            Say("no picture", () => ready.ToTensor(null, 2, 2, 3, floats));
            Say("short tensor", () => ready.ToTensor(bytes, 2, 2, 3, new float[11]));
            Say("short output", () => ready.ToFrame(new float[11], shape, null, 2, 2, 3, bytes));
            Say("short target", () => ready.ToFrame(floats, shape, null, 2, 2, 3, new byte[11]));
            Say("no alpha", () => ready.ToFrame(floats, shape, null, 2, 2, 4, new byte[16]));
            Say("no shape", () => ready.ToFrame(floats, null, null, 2, 2, 3, bytes));
            Say("no side", () => bare.Prepare(0, 2));
            Say("huge side", () => bare.Prepare(2, PixelConverter.MaxSide + 1));
            Say("multiple", () => new PixelContract(multiple: 513).ToString());
            Say("range", () => new PixelRange(1.0, new double[2], new double[3]).ToString());
            Say("released", () =>
            {
                ready.Release();
                ready.ToTensor(bytes, 2, 2, 3, floats);
            });
            Say("NaN in JSON", () => JsonValue.Of(double.NaN));
            Say("name twice", () => JsonValue.NewObject().Set("a", JsonValue.Of(1)).Set("a", JsonValue.Of(2)));
            Say("not an array", () => JsonValue.NewObject().Add(JsonValue.Of(1)));
            Say("endless JSON", () =>
            {
                JsonValue value = JsonValue.NewArray();
                Json.TextFrom(value.Add(value));
            });
            Say("half a pair", () => Json.TextFrom(JsonValue.Of("a\ud83c")));
            Say("half a pair read", () => Json.Parse("[\"é\ud83c\"]"));
            Say("long JSON", () => Json.Parse(new string(' ', 11), "a file", 10));
            Say("JSON beyond its array", () => Json.Parse(bytes, 8, 5));
            Say("checksum beyond its array", () => Crc32.Compute(bytes, 8, 5));
            return 0;
        }

        private static void Say(string name, Action action)
        {
            try
            {
                action();
                Console.WriteLine(name + ": done without a word");
            }
            catch (StylebridgeException error)
            {
                Console.WriteLine(name + ": refused: " + error.Message);
            }
        }
    }
}
