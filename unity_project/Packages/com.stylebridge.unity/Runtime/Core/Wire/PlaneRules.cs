namespace Stylebridge.Wire
{
    /// <summary>What each plane may be, and whether a FRAME's planes fit, in the protocol's order.</summary>
    internal static class PlaneRules
    {
        private const uint F16 = 1u << (int)WireDtype.F16;
        private const uint F32 = 1u << (int)WireDtype.F32;
        private const uint U8 = 1u << (int)WireDtype.U8;
        private const uint U16 = 1u << (int)WireDtype.U16;
        private const uint U32 = 1u << (int)WireDtype.U32;

        /// <summary>The first code that applies to the planes, or 0.</summary>
        internal static WireError Check(FrameHeader header, long limit)
        {
            long unpacked = 0;
            ulong end = 0;
            uint seen = 0;
            for (int i = 0; i < header.PlaneCount; i++)
            {
                WireError error = CheckPlane(ref header.Planes[i], header, seen, limit, ref unpacked, ref end);
                if (error != 0)
                {
                    return error;
                }
                seen |= 1u << (int)header.Planes[i].Plane;
            }
            if (end != header.PayloadBytes)
            {
                return WireError.BadPayload;
            }
            return (seen & (1u << (int)WirePlane.Color)) == 0 ? WireError.NoColor : 0;
        }

        private static WireError CheckPlane(
            ref PlaneEntry plane, FrameHeader header, uint seen, long limit, ref long unpacked, ref ulong end)
        {
            if (!WordsAreKnown(ref plane))
            {
                return WireError.BadValue;
            }
            if ((seen & (1u << (int)plane.Plane)) != 0)
            {
                return WireError.DuplicatePlane;
            }
            if (!MayBe(ref plane))
            {
                return WireError.BadValue;
            }
            WireError error = CheckScale(ref plane);
            error = error != 0 ? error : CheckSize(ref plane, header, limit, ref unpacked);
            return error != 0 ? error : CheckPlace(ref plane, header.PayloadBytes, ref end);
        }

        private static bool WordsAreKnown(ref PlaneEntry plane)
        {
            return plane.Plane >= WirePlane.Color && plane.Plane <= WirePlane.Occlusion
                && plane.ItemBytes > 0
                && plane.Layout <= WireLayout.Chw
                && plane.Rows <= WireRows.Bottom
                && plane.ColorSpace <= WireColorSpace.Linear
                && plane.Order <= WireOrder.Bgr
                && plane.Codec <= WireCodec.Deflate
                && plane.ChecksumKind <= WireChecksum.Crc32
                && plane.Reserved == 0;
        }

        private static bool MayBe(ref PlaneEntry plane)
        {
            bool isColor = plane.Plane == WirePlane.Color;
            return (Dtypes(plane.Plane) & (1u << (int)plane.Dtype)) != 0
                && (isColor ? plane.Channels == 3 || plane.Channels == 4 : plane.Channels == Channels(plane.Plane))
                && isColor != (plane.ColorSpace == WireColorSpace.Data)
                && (isColor || plane.Order == WireOrder.Rgb)
                && (plane.ChecksumKind != WireChecksum.None || plane.Checksum == 0);
        }

        private static uint Dtypes(WirePlane plane)
        {
            switch (plane)
            {
                case WirePlane.Color:
                    return U8 | F16 | F32;
                case WirePlane.Depth:
                    return U16 | F16 | F32;
                case WirePlane.Ids:
                    return U8 | U16 | U32;
                case WirePlane.Occlusion:
                    return U8;
                default:
                    return F16 | F32;
            }
        }

        private static int Channels(WirePlane plane)
        {
            return plane == WirePlane.Motion ? 2 : plane == WirePlane.Normals ? 3 : 1;
        }

        private static WireError CheckScale(ref PlaneEntry plane)
        {
            if (!IsFinite(plane.ScaleX) || !IsFinite(plane.ScaleY))
            {
                return WireError.BadNumber;
            }
            bool xMayDiffer = plane.Plane == WirePlane.Motion || plane.Plane == WirePlane.Depth;
            bool yMayDiffer = plane.Plane == WirePlane.Motion;
            bool xFits = xMayDiffer ? plane.ScaleX != 0 : plane.ScaleX == 1;
            bool yFits = yMayDiffer ? plane.ScaleY != 0 : plane.ScaleY == 1;
            return xFits && yFits ? 0 : WireError.BadValue;
        }

        private static bool IsFinite(float number)
        {
            return !float.IsNaN(number) && !float.IsInfinity(number);
        }

        private static WireError CheckSize(ref PlaneEntry plane, FrameHeader header, long limit, ref long unpacked)
        {
            long row = plane.RowBytes(header.Width);
            if (plane.Stride < row || plane.Stride % plane.ItemBytes != 0 || plane.Stride > 2 * row + 4096)
            {
                return WireError.BadStride;
            }
            long size = plane.UnpackedBytes(header.Height);
            if (size > WireConstants.MaxPlaneBytes || unpacked + size > limit)
            {
                return WireError.TooLarge;
            }
            unpacked += size;
            bool fits = plane.Codec == WireCodec.Raw
                ? plane.Length == (ulong)size
                : plane.Length > 0 && plane.Length <= (ulong)(size + size / 1000 + 64);
            return fits ? 0 : WireError.BadLength;
        }

        private static WireError CheckPlace(ref PlaneEntry plane, ulong payloadBytes, ref ulong end)
        {
            bool isWithin = plane.Length <= payloadBytes && plane.Offset <= payloadBytes - plane.Length;
            if (plane.Offset % WireConstants.Alignment != 0 || !isWithin)
            {
                return WireError.BadPayload;
            }
            if (plane.Offset < end)
            {
                return WireError.Overlap;
            }
            end = plane.Offset + plane.Length;
            return 0;
        }
    }
}
