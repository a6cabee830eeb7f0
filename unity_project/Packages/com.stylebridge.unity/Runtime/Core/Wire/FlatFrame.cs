using System;

namespace Stylebridge.Wire
{
    /// <summary>A FRAME in one piece, for files: the first part, then the payload on the next multiple of 64.</summary>
    public static class FlatFrame
    {
        /// <summary>Takes a flat FRAME apart; its payload begins at <c>payloadAt</c>.</summary>
        public static bool TryDecode(
            byte[] data, int count, FrameHeader into, long limit, out int payloadAt, out WireError error)
        {
            payloadAt = 0;
            int size = count;
            if (count >= PrefixLayout.Bytes + FrameLayout.Bytes)
            {
                size = (int)Math.Min(LittleEndian.ReadUInt32(data, PrefixLayout.Size), (uint)count);
            }
            if (!into.TryDecode(data, size, limit, out error))
            {
                return false;
            }
            ulong wanted = FrameHeader.Aligned((ulong)size) + into.PayloadBytes;
            payloadAt = (int)FrameHeader.Aligned((ulong)size);
            error = (ulong)count < wanted ? WireError.Truncated : (ulong)count > wanted ? WireError.BadParts : 0;
            return error == 0;
        }

        /// <summary>Writes a FRAME whose planes' bytes are given in order.</summary>
        public static byte[] Encode(FrameHeader header, byte[][] planes)
        {
            int at = (int)FrameHeader.Aligned((ulong)header.Bytes);
            if (header.PayloadBytes > int.MaxValue - (ulong)at || planes.Length != header.PlaneCount)
            {
                throw new StylebridgeException(
                    "a payload of " + header.PayloadBytes + " bytes in " + planes.Length + " pieces",
                    header.PlaneCount + " pieces, less than 2 GiB together");
            }
            var flat = new byte[at + (int)header.PayloadBytes];
            header.Encode(flat);
            for (int i = 0; i < planes.Length; i++)
            {
                Buffer.BlockCopy(planes[i], 0, flat, at + (int)header.Planes[i].Offset, planes[i].Length);
            }
            return flat;
        }
    }
}
