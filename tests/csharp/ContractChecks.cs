using System;
using System.IO;

namespace Stylebridge.Tests
{
    /// <summary>Holds the pixel contract against its vectors and prints a line for each difference.</summary>
    internal sealed class ContractChecks
    {
        private readonly string _folder;
        private int _checks;
        private int _failures;

        internal ContractChecks(string folder)
        {
            _folder = folder;
        }

        internal int RunAll()
        {
            JsonValue index = Load("index.json");
            int height = Integer(Field(Field(index, "frame"), "height"));
            int width = Integer(Field(Field(index, "frame"), "width"));
            JsonValue cases = Field(index, "cases");
            for (int i = 0; i < cases.Count; i++)
            {
                CheckCase(cases.NameAt(i), Shape(Field(cases[i], "shape")), width, height);
            }
            Same("linear", Floats("linear.f32"), PixelMath.LinearUnits());
            Same("thresholds.nearest", Floats("thresholds.nearest.f32"),
                PixelMath.LinearThresholds(PixelRounding.Nearest));
            Same("thresholds.floor", Floats("thresholds.floor.f32"), PixelMath.LinearThresholds(PixelRounding.Floor));
            JsonValue refusals = Load("refusals.json");
            JsonValue contracts = Field(refusals, "contracts");
            for (int i = 0; i < contracts.Count; i++)
            {
                CheckContractText(contracts[i]);
            }
            JsonValue outputs = Field(refusals, "outputs");
            for (int i = 0; i < outputs.Count; i++)
            {
                CheckOutput(outputs[i]);
            }
            Console.WriteLine(_checks + " checks, " + _failures + " failed");
            return _failures == 0 ? 0 : 1;
        }

        private void CheckCase(string name, int[] shape, int width, int height)
        {
            PixelContract contract = PixelContract.FromJson(Bytes(name + ".json"), name + ".json");
            bool isSame = PixelContract.FromJson(contract.ToJson()).Equals(contract);
            Check(name + " as JSON again", isSame, "another contract");
            var converter = new PixelConverter(contract);
            converter.Prepare(width, height);
            byte[] rgb = Bytes("frame.rgb");
            byte[] rgba = WithAlpha(rgb);
            float[] entering = Floats(name + ".input.f32");
            float[] leaving = Floats(name + ".output.f32");
            byte[] shown = Bytes(name + ".shown.rgb");
            // Twice over: nothing may be left behind by the frame before.
            for (int round = 0; round < 2; round++)
            {
                var tensor = new float[converter.TensorLength];
                converter.ToTensor(rgb, width, height, 3, tensor);
                Same(name + ".input", entering, tensor);
                converter.ToTensor(rgba, width, height, 4, tensor);
                Same(name + ".input from RGBA", entering, tensor);
                var target = new byte[rgb.Length];
                converter.ToFrame(leaving, shape, null, width, height, 3, target);
                Same(name + ".shown", shown, target);
                var alpha = new byte[rgba.Length];
                converter.ToFrame(leaving, shape, rgba, width, height, 4, alpha);
                Same(name + ".shown as RGBA", WithAlpha(shown), alpha);
            }
            byte[] own = (byte[])rgba.Clone();
            converter.ToFrame(leaving, shape, own, width, height, 4, own);
            Same(name + ".shown over its own frame", WithAlpha(shown), own);
        }

        private void CheckContractText(JsonValue item)
        {
            string name = "contract " + Text(item, "name");
            string code = "";
            PixelContract contract = null;
            try
            {
                contract = PixelContract.FromJson(Text(item, "json"), name);
            }
            catch (StylebridgeException error)
            {
                code = error.Code;
                Check(name + " message", error.Message.StartsWith(name, StringComparison.Ordinal), error.Message);
            }
            Check(name, code == Text(item, "code"), "code '" + code + "'");
            if (contract != null && item.TryGet("same_as", out JsonValue same))
            {
                Check(name + " same_as", contract.Equals(PixelContract.FromJson(same)), contract.ToJson());
            }
        }

        private void CheckOutput(JsonValue item)
        {
            string name = "output " + Text(item, "name");
            int height = Integer(Field(Field(item, "frame"), "height"));
            int width = Integer(Field(Field(item, "frame"), "width"));
            var converter = new PixelConverter(PixelContract.FromJson(Field(item, "contract"), name));
            converter.Prepare(width, height);
            var target = new byte[3 * width * height];
            string code = "";
            try
            {
                converter.ToFrame(
                    Floats(Text(item, "file")), Shape(Field(item, "shape")), null, width, height, 3, target);
            }
            catch (StylebridgeException error)
            {
                code = error.Code;
                Same(name + " leaves the target alone", new byte[target.Length], target);
            }
            Check(name, code == Text(item, "code"), "code '" + code + "'");
            if (item.TryGet("shown", out JsonValue rows))
            {
                var shown = new byte[target.Length];
                for (int i = 0; i < shown.Length; i++)
                {
                    shown[i] = (byte)Integer(rows[i / (3 * width)][i / 3 % width][i % 3]);
                }
                Same(name + " shown", shown, target);
            }
        }

        private void Same<T>(string name, T[] expected, T[] found)
            where T : IEquatable<T>
        {
            int wrong = 0;
            int first = -1;
            for (int i = 0; i < Math.Min(expected.Length, found.Length); i++)
            {
                if (!BitsOf(expected[i]).Equals(BitsOf(found[i])))
                {
                    first = wrong++ == 0 ? i : first;
                }
            }
            string place = first < 0 ? "" : ", first at " + first + ": " + found[first] + " for " + expected[first];
            Check(name, expected.Length == found.Length && wrong == 0,
                wrong + " of " + expected.Length + " differ (" + found.Length + " found)" + place);
        }

        private static long BitsOf<T>(T number)
        {
            // Of a float the bits, so that 0 and -0 differ and NaN equals itself.
            return number is float
                ? BitConverter.ToInt32(BitConverter.GetBytes((float)(object)number), 0)
                : Convert.ToInt64(number);
        }

        private void Check(string name, bool isRight, string found)
        {
            _checks++;
            if (!isRight)
            {
                _failures++;
                Console.WriteLine("WRONG " + name + ": " + found);
            }
        }

        private byte[] Bytes(string name)
        {
            return File.ReadAllBytes(Path.Combine(_folder, name));
        }

        private float[] Floats(string name)
        {
            byte[] bytes = Bytes(name);
            var floats = new float[bytes.Length / 4];
            Buffer.BlockCopy(bytes, 0, floats, 0, 4 * floats.Length);
            return floats;
        }

        private JsonValue Load(string name)
        {
            return Json.Parse(Bytes(name), name);
        }

        private static byte[] WithAlpha(byte[] rgb)
        {
            var rgba = new byte[rgb.Length / 3 * 4];
            for (int i = 0; i < rgba.Length; i++)
            {
                rgba[i] = i % 4 == 3 ? (byte)(i * 7) : rgb[i / 4 * 3 + i % 4];
            }
            return rgba;
        }

        private static JsonValue Field(JsonValue item, string name)
        {
            return item.TryGet(name, out JsonValue field) ? field : throw new IOException("no field " + name);
        }

        private static string Text(JsonValue item, string name)
        {
            return Field(item, name).TryText(out string text) ? text : throw new IOException("no text in " + name);
        }

        private static int Integer(JsonValue item)
        {
            return item.TryInt64(out long number) ? checked((int)number) : throw new IOException("no integer");
        }

        private static int[] Shape(JsonValue item)
        {
            var shape = new int[item.Count];
            for (int i = 0; i < shape.Length; i++)
            {
                shape[i] = Integer(item[i]);
            }
            return shape;
        }
    }
}
