using System;

namespace Stylebridge
{
    /// <summary>CRC-32 as zlib computes it (IEEE 802.3, reflected), eight bytes at a time.</summary>
    public static unsafe class Crc32
    {
        private const uint Polynomial = 0xEDB88320u;
        private const int Slices = 8;
        private static readonly uint[] Table = MakeTable();

        /// <summary>The checksum of a whole array, going on from an earlier one.</summary>
        public static uint Compute(byte[] data, uint earlier = 0)
        {
            if (data == null)
            {
                throw new ArgumentNullException(nameof(data));
            }
            return Compute(data, 0, data.Length, earlier);
        }

        /// <summary>The checksum of a part of an array, going on from an earlier one.</summary>
        public static uint Compute(byte[] data, int offset, int count, uint earlier = 0)
        {
            if (data == null)
            {
                throw new ArgumentNullException(nameof(data));
            }
            if (offset < 0 || count < 0 || offset > data.Length - count)
            {
                throw new StylebridgeException(
                    "a checksum over " + count + " bytes from byte " + offset,
                    "a range within the array's " + data.Length + " bytes");
            }
            fixed (byte* start = data)
            {
                return Compute(start + offset, count, earlier);
            }
        }

        /// <summary>The checksum of memory, going on from an earlier one.</summary>
        public static uint Compute(byte* data, long count, uint earlier = 0)
        {
            if (count < 0 || (data == null && count > 0))
            {
                throw new StylebridgeException("a checksum over " + count + " bytes of memory", "a valid range");
            }
            uint crc = ~earlier;
            fixed (uint* table = Table)
            {
                // Words are read at aligned addresses only, because some ARM processors refuse others.
                while (count > 0 && ((ulong)data & 7) != 0)
                {
                    crc = (crc >> 8) ^ table[(crc ^ *data++) & 0xFF];
                    count--;
                }
                for (; count >= Slices && BitConverter.IsLittleEndian; count -= Slices, data += Slices)
                {
                    uint low = *(uint*)data ^ crc;
                    uint high = *(uint*)(data + 4);
                    crc = table[(7 << 8) + (low & 0xFF)]
                        ^ table[(6 << 8) + ((low >> 8) & 0xFF)]
                        ^ table[(5 << 8) + ((low >> 16) & 0xFF)]
                        ^ table[(4 << 8) + (low >> 24)]
                        ^ table[(3 << 8) + (high & 0xFF)]
                        ^ table[(2 << 8) + ((high >> 8) & 0xFF)]
                        ^ table[(1 << 8) + ((high >> 16) & 0xFF)]
                        ^ table[high >> 24];
                }
                while (count-- > 0)
                {
                    crc = (crc >> 8) ^ table[(crc ^ *data++) & 0xFF];
                }
            }
            return ~crc;
        }

        private static uint[] MakeTable()
        {
            // table[k * 256 + b] is the effect of byte b with k zero bytes after it.
            var table = new uint[Slices * 256];
            for (uint b = 0; b < 256; b++)
            {
                uint crc = b;
                for (int bit = 0; bit < 8; bit++)
                {
                    crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
                }
                table[b] = crc;
            }
            for (int i = 256; i < table.Length; i++)
            {
                uint before = table[i - 256];
                table[i] = (before >> 8) ^ table[before & 0xFF];
            }
            return table;
        }
    }
}
