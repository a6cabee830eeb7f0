using System;
using System.Text;
using Stylebridge.Wire;

namespace Stylebridge.Tests
{
    /// <summary>A flat FRAME as the words and numbers of the shared vectors, and back.</summary>
    internal static class WireFrameWords
    {
        internal static byte[] BytesFrom(JsonValue words)
        {
            var header = new FrameHeader
            {
                Session = Id(words),
                Sequence = Whole(words, "sequence"),
                FrameId = Whole(words, "frame_id"),
                SimulationS = Double(Get(words, "simulation_s")),
                WallNs = Whole(words, "wall_ns"),
                Camera = new CameraName(Text(words, "camera")),
                Width = (int)Whole(words, "width"),
                Height = (int)Whole(words, "height"),
                Lane = Word<WireLane>(words, "lane"),
                Ring = (ushort)Whole(words, "ring"),
                Slot = (ushort)Whole(words, "slot"),
                SlotStamp = Whole(words, "slot_stamp"),
            };
            JsonValue flags = Get(words, "flags");
            for (int i = 0; i < flags.Count; i++)
            {
                flags[i].TryText(out string flag);
                WireWords.TryParse(flag, out WireFrameFlag value);
                header.Flags |= value;
            }
            header.Matrices |= Fill(header.View, Get(words, "view")) ? WireMatrix.View : 0;
            header.Matrices |= Fill(header.Projection, Get(words, "projection")) ? WireMatrix.Projection : 0;
            JsonValue planes = Get(words, "planes");
            var data = new byte[planes.Count][];
            header.PlaneCount = planes.Count;
            for (int i = 0; i < planes.Count; i++)
            {
                data[i] = Bytes(Text(planes[i], "data"));
                header.Planes[i] = Plane(planes[i], data[i]);
            }
            header.LayOut();
            return FlatFrame.Encode(header, data);
        }

        internal static unsafe JsonValue WordsFrom(byte[] flat)
        {
            var header = new FrameHeader();
            if (!FlatFrame.TryDecode(
                flat, flat.Length, header, WireConstants.MaxFrameBytes, out int at, out WireError error))
            {
                throw WireFault.Of(error, "a vector");
            }
            JsonValue flags = JsonValue.NewArray();
            foreach (WireFrameFlag flag in new[] { WireFrameFlag.Reply, WireFrameFlag.Resent })
            {
                if ((header.Flags & flag) != 0)
                {
                    flags.Add(JsonValue.Of(WireWords.WordFrom(flag)));
                }
            }
            JsonValue planes = JsonValue.NewArray();
            for (int i = 0; i < header.PlaneCount; i++)
            {
                planes.Add(WordsFrom(ref header.Planes[i], header.Height, flat, at));
            }
            return JsonValue.NewObject()
                .Set("kind", JsonValue.Of("frame"))
                .Set("flags", flags)
                .Set("session", JsonValue.Of(header.Session.ToString()))
                .Set("sequence", JsonValue.Of(header.Sequence))
                .Set("frame_id", JsonValue.Of(header.FrameId))
                .Set("simulation_s", JsonValue.Of(header.SimulationS))
                .Set("wall_ns", JsonValue.Of(header.WallNs))
                .Set("camera", JsonValue.Of(header.Camera.Text))
                .Set("width", JsonValue.Of((long)header.Width))
                .Set("height", JsonValue.Of((long)header.Height))
                .Set("lane", JsonValue.Of(WireWords.WordFrom(header.Lane)))
                .Set("ring", JsonValue.Of((long)header.Ring))
                .Set("slot", JsonValue.Of((long)header.Slot))
                .Set("slot_stamp", JsonValue.Of(header.SlotStamp))
                .Set("view", Numbers(header.View, (header.Matrices & WireMatrix.View) != 0))
                .Set("projection", Numbers(header.Projection, (header.Matrices & WireMatrix.Projection) != 0))
                .Set("planes", planes);
        }

        private static PlaneEntry Plane(JsonValue words, byte[] data)
        {
            WireChecksum kind = Word<WireChecksum>(words, "checksum");
            JsonValue scale = Get(words, "scale");
            return new PlaneEntry
            {
                Plane = Word<WirePlane>(words, "plane"),
                Dtype = Word<WireDtype>(words, "dtype"),
                Channels = (int)Whole(words, "channels"),
                Layout = Word<WireLayout>(words, "layout"),
                Rows = Word<WireRows>(words, "rows"),
                ColorSpace = Word<WireColorSpace>(words, "color_space"),
                Order = Word<WireOrder>(words, "order"),
                Codec = Word<WireCodec>(words, "codec"),
                ChecksumKind = kind,
                Stride = (uint)Whole(words, "stride"),
                Length = (ulong)data.Length,
                Checksum = kind == WireChecksum.Crc32 ? Crc32.Compute(data) : 0,
                ScaleX = (float)Double(scale[0]),
                ScaleY = (float)Double(scale[1]),
            };
        }

        private static unsafe JsonValue WordsFrom(ref PlaneEntry plane, int height, byte[] flat, int at)
        {
            JsonValue words = JsonValue.NewObject()
                .Set("plane", JsonValue.Of(WireWords.WordFrom(plane.Plane)))
                .Set("dtype", JsonValue.Of(WireWords.WordFrom(plane.Dtype)))
                .Set("channels", JsonValue.Of((long)plane.Channels))
                .Set("layout", JsonValue.Of(WireWords.WordFrom(plane.Layout)))
                .Set("rows", JsonValue.Of(WireWords.WordFrom(plane.Rows)))
                .Set("color_space", JsonValue.Of(WireWords.WordFrom(plane.ColorSpace)))
                .Set("order", JsonValue.Of(WireWords.WordFrom(plane.Order)))
                .Set("codec", JsonValue.Of(WireWords.WordFrom(plane.Codec)))
                .Set("checksum", JsonValue.Of(WireWords.WordFrom(plane.ChecksumKind)))
                .Set("stride", JsonValue.Of((ulong)plane.Stride))
                .Set("scale", JsonValue.NewArray()
                    .Add(JsonValue.Of((double)plane.ScaleX)).Add(JsonValue.Of((double)plane.ScaleY)))
                .Set("data", JsonValue.Of(Hex(flat, at + (int)plane.Offset, (int)plane.Length)));
            var unpacked = new byte[plane.UnpackedBytes(height)];
            fixed (byte* start = flat)
            {
                if (!new PlaneCodec().TryUnpack(
                    ref plane, height, start + at + (long)plane.Offset, unpacked, out WireError error))
                {
                    throw WireFault.Of(error, "a vector's plane");
                }
            }
            bool isPacked = plane.Codec == WireCodec.Deflate;
            return isPacked ? words.Set("unpacked", JsonValue.Of(Hex(unpacked, 0, unpacked.Length))) : words;
        }

        internal static byte[] Bytes(string hex)
        {
            var bytes = new byte[hex.Length / 2];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = Convert.ToByte(hex.Substring(2 * i, 2), 16);
            }
            return bytes;
        }

        internal static JsonValue Get(JsonValue words, string name)
        {
            if (!words.TryGet(name, out JsonValue value))
            {
                throw new StylebridgeException("a vector without " + name);
            }
            return value;
        }

        internal static string Text(JsonValue words, string name)
        {
            Get(words, name).TryText(out string text);
            return text;
        }

        internal static ulong Whole(JsonValue words, string name)
        {
            if (!Get(words, name).TryUInt64(out ulong number))
            {
                throw new StylebridgeException("a vector with an unfit " + name);
            }
            return number;
        }

        private static string Hex(byte[] data, int at, int count)
        {
            var hex = new StringBuilder();
            for (int i = 0; i < count; i++)
            {
                hex.Append(data[at + i].ToString("x2"));
            }
            return hex.ToString();
        }

        private static WireId Id(JsonValue words)
        {
            WireId.TryParse(Text(words, "session"), out WireId id);
            return id;
        }

        private static T Word<T>(JsonValue words, string name)
            where T : struct
        {
            if (!WireWords.TryParse(Text(words, name), out T value))
            {
                throw new StylebridgeException("a vector with an unfit " + name);
            }
            return value;
        }

        private static double Double(JsonValue value)
        {
            value.TryDouble(out double number);
            return number;
        }

        private static bool Fill(float[] matrix, JsonValue numbers)
        {
            for (int i = 0; i < numbers.Count; i++)
            {
                matrix[i] = (float)Double(numbers[i]);
            }
            return !numbers.IsNull;
        }

        private static JsonValue Numbers(float[] matrix, bool isGiven)
        {
            if (!isGiven)
            {
                return JsonValue.NewNull();
            }
            JsonValue numbers = JsonValue.NewArray();
            foreach (float number in matrix)
            {
                numbers.Add(JsonValue.Of((double)number));
            }
            return numbers;
        }
    }
}
