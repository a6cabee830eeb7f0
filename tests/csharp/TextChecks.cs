using System;
using System.IO;
using System.Text;

namespace Stylebridge.Tests
{
    /// <summary>Prints what the core makes of given bytes, one line each, for Python to compare.</summary>
    internal static class TextChecks
    {
        /// <summary>Each line of the file is a JSON text as hexadecimal bytes.</summary>
        internal static int PrintJson(string path)
        {
            foreach (string line in File.ReadAllLines(path))
            {
                byte[] utf8 = Unhex(line);
                Console.WriteLine(
                    Json.TryParse(utf8, 0, utf8.Length, out JsonValue value, out JsonFormatException error)
                        ? Written(value)
                        : "no " + error.ByteOffset + " " + error.Message);
            }
            return 0;
        }

        /// <summary>Each line of the file is the path of a contract.</summary>
        internal static int PrintContracts(string path)
        {
            foreach (string line in File.ReadAllLines(path))
            {
                Console.WriteLine(PixelContract.FromJson(File.ReadAllBytes(line), line).ToJson());
            }
            return 0;
        }

        /// <summary>A value that was put together here, with everything that is hard to write.</summary>
        internal static int PrintWritten()
        {
            JsonValue value = JsonValue.NewObject()
                .Set("z", JsonValue.Of(long.MinValue))
                .Set("a", JsonValue.Of(ulong.MaxValue))
                .Set("text", JsonValue.Of("\"\\/\b\f\n\r\t\u0001\u007fé\ud83c\udfae"))
                .Set("none", JsonValue.Of((string)null))
                .Set("list", JsonValue.NewArray().Add(JsonValue.Of(true)).Add(JsonValue.Of(-0.0)).Add(JsonValue.Of(4.0))
                    .Add(JsonValue.Of(0.1)).Add(JsonValue.Of(5e-324)).Add(JsonValue.Of(double.MaxValue)))
                .Set("empty", JsonValue.NewObject());
            Console.WriteLine(Json.TextFrom(value));
            return 0;
        }

        /// <summary>Each line is bytes in hexadecimal; prints the checksum, once two steps agree with one.</summary>
        internal static unsafe int PrintChecksums(string path)
        {
            foreach (string line in File.ReadAllLines(path))
            {
                byte[] data = Unhex(line);
                uint whole = Crc32.Compute(data);
                for (int cut = 0; cut <= Math.Min(data.Length, 20); cut++)
                {
                    uint first = Crc32.Compute(data, 0, cut);
                    uint joined = Crc32.Compute(data, cut, data.Length - cut, first);
                    fixed (byte* start = data)
                    {
                        joined = data.Length == 0 || Crc32.Compute(start + cut, data.Length - cut, first) == joined
                            ? joined
                            : ~whole;
                    }
                    if (joined != whole)
                    {
                        Console.WriteLine("in two steps at " + cut + " it is another");
                        return 1;
                    }
                }
                Console.WriteLine(whole.ToString("x8"));
            }
            return 0;
        }

        private static string Written(JsonValue value)
        {
            try
            {
                return "ok " + Hex(Json.BytesFrom(value));
            }
            catch (StylebridgeException error)
            {
                return "no -1 " + error.Message; // a number beyond float64 is read, but can't be written
            }
        }

        private static byte[] Unhex(string text)
        {
            var bytes = new byte[text.Length / 2];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = Convert.ToByte(text.Substring(2 * i, 2), 16);
            }
            return bytes;
        }

        private static string Hex(byte[] bytes)
        {
            var text = new StringBuilder(2 * bytes.Length);
            foreach (byte b in bytes)
            {
                text.Append(b.ToString("x2"));
            }
            return text.ToString();
        }
    }
}
