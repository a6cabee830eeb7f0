using System;

namespace Stylebridge.Wire
{
    /// <summary>A plane's bytes as sent, and as they are used: checksum and packing.</summary>
    public sealed unsafe class PlaneCodec
    {
        private readonly Inflate _inflate = new Inflate();

        /// <summary>Whether the bytes have the checksum that the plane promises, if it promises one.</summary>
        public static bool ChecksumHolds(ref PlaneEntry plane, byte* sent)
        {
            return plane.ChecksumKind == WireChecksum.None
                || Crc32.Compute(sent, (long)plane.Length) == plane.Checksum;
        }

        /// <summary>Checks and unpacks a plane's bytes into an array that has room for all that it promises.</summary>
        public bool TryUnpack(ref PlaneEntry plane, int height, byte* sent, byte[] target, out WireError error)
        {
            long size = plane.UnpackedBytes(height);
            if (target.Length < size)
            {
                throw new StylebridgeException("an array of " + target.Length + " bytes", "at least " + size);
            }
            error = ChecksumHolds(ref plane, sent) ? 0 : WireError.BadChecksum;
            if (error != 0)
            {
                return false;
            }
            fixed (byte* start = target)
            {
                if (plane.Codec == WireCodec.Raw)
                {
                    Buffer.MemoryCopy(sent, start, target.Length, size);
                }
                else if (!_inflate.TryUnpack(sent, (long)plane.Length, start, size))
                {
                    error = WireError.BadCodecData;
                }
            }
            return error == 0;
        }
    }
}
