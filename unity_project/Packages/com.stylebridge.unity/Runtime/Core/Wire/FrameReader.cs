namespace Stylebridge.Wire
{
    /// <summary>Takes a FRAME's first part apart and checks it, in the order of the protocol's text.</summary>
    internal static class FrameReader
    {
        private const int TableAt = PrefixLayout.Bytes + FrameLayout.Bytes;
        private const WireMatrix AllMatrices = WireMatrix.View | WireMatrix.Projection;

        /// <summary>The first code that applies, or 0.</summary>
        internal static WireError Read(FrameHeader header, CameraNames cameras, byte[] data, int count, long limit)
        {
            if (!WirePrefix.TryRead(data, count, out WireKind kind, out uint flags, out WireError error))
            {
                return error;
            }
            if (kind != WireKind.Frame)
            {
                return WireError.BadKind;
            }
            if (count < TableAt)
            {
                return WireError.Truncated;
            }
            header.Flags = (WireFrameFlag)flags;
            error = ReadFields(header, cameras, data, count);
            error = error != 0 ? error : CheckFields(header, limit);
            if (error != 0)
            {
                return error;
            }
            for (int i = 0; i < header.PlaneCount; i++)
            {
                header.Planes[i].Read(data, TableAt + i * PlaneLayout.Bytes);
            }
            return PlaneRules.Check(header, limit);
        }

        /// <summary>The first code that applies to the fields before the planes, or 0.</summary>
        internal static WireError CheckFields(FrameHeader header, long limit)
        {
            if (header.Session.IsZero || header.Sequence == 0)
            {
                return WireError.BadValue;
            }
            if (double.IsNaN(header.SimulationS) || double.IsInfinity(header.SimulationS))
            {
                return WireError.BadNumber;
            }
            if (header.Camera == null)
            {
                return WireError.BadText;
            }
            WireError error = CheckSide(header.Width);
            error = error != 0 ? error : CheckSide(header.Height);
            error = error != 0 ? error : CheckLane(header);
            if (error != 0)
            {
                return error;
            }
            if (header.PayloadBytes > (ulong)limit)
            {
                return WireError.TooLarge;
            }
            error = CheckMatrix(header.View, (header.Matrices & WireMatrix.View) != 0);
            return error != 0 ? error : CheckMatrix(header.Projection, (header.Matrices & WireMatrix.Projection) != 0);
        }

        private static WireError ReadFields(FrameHeader header, CameraNames cameras, byte[] data, int count)
        {
            const int At = PrefixLayout.Bytes;
            int planes = LittleEndian.ReadUInt16(data, At + FrameLayout.PlaneCount);
            if (planes == 0)
            {
                return WireError.NoColor;
            }
            if (planes > WireConstants.MaxPlanes)
            {
                return WireError.TooLarge;
            }
            header.PlaneCount = planes;
            if (count != header.Bytes)
            {
                return count < header.Bytes ? WireError.Truncated : WireError.BadSize;
            }
            header.Session = WireId.Read(data, At + FrameLayout.Session);
            header.Sequence = LittleEndian.ReadUInt64(data, At + FrameLayout.Sequence);
            header.FrameId = LittleEndian.ReadUInt64(data, At + FrameLayout.FrameId);
            header.SimulationS = LittleEndian.ReadDouble(data, At + FrameLayout.SimulationS);
            header.WallNs = LittleEndian.ReadUInt64(data, At + FrameLayout.WallNs);
            // A missing camera is refused later, where the protocol's order has it.
            bool hasCamera = CameraName.IsValid(data, At + FrameLayout.Camera);
            header.Camera = hasCamera ? cameras.Find(data, At + FrameLayout.Camera) : null;
            header.Width = Side(LittleEndian.ReadUInt32(data, At + FrameLayout.Width));
            header.Height = Side(LittleEndian.ReadUInt32(data, At + FrameLayout.Height));
            header.Lane = (WireLane)data[At + FrameLayout.Lane];
            header.Matrices = (WireMatrix)data[At + FrameLayout.Matrices];
            header.Ring = LittleEndian.ReadUInt16(data, At + FrameLayout.Ring);
            header.Slot = LittleEndian.ReadUInt16(data, At + FrameLayout.Slot);
            header.SlotStamp = LittleEndian.ReadUInt64(data, At + FrameLayout.SlotStamp);
            header.PayloadBytes = LittleEndian.ReadUInt64(data, At + FrameLayout.PayloadBytes);
            for (int i = 0; i < 16; i++)
            {
                header.View[i] = LittleEndian.ReadSingle(data, At + FrameLayout.View + 4 * i);
                header.Projection[i] = LittleEndian.ReadSingle(data, At + FrameLayout.Projection + 4 * i);
            }
            return 0;
        }

        private static int Side(uint pixels)
        {
            return pixels > int.MaxValue ? int.MaxValue : (int)pixels; // far above what is allowed either way
        }

        private static WireError CheckSide(int pixels)
        {
            return pixels <= 0 ? WireError.BadValue : pixels > WireConstants.MaxSide ? WireError.TooLarge : 0;
        }

        private static WireError CheckLane(FrameHeader header)
        {
            if (header.Lane > WireLane.Ring || (header.Matrices & ~AllMatrices) != 0)
            {
                return WireError.BadValue;
            }
            if (header.Lane == WireLane.Inline)
            {
                return header.Ring != 0 || header.Slot != 0 || header.SlotStamp != 0 ? WireError.BadValue : 0;
            }
            if (header.Ring == 0 || header.SlotStamp == 0)
            {
                return WireError.BadValue;
            }
            return header.Slot >= WireConstants.MaxSlots ? WireError.TooLarge : 0;
        }

        private static WireError CheckMatrix(float[] matrix, bool isGiven)
        {
            foreach (float value in matrix)
            {
                if (isGiven && (float.IsNaN(value) || float.IsInfinity(value)))
                {
                    return WireError.BadNumber;
                }
                if (!isGiven && LittleEndian.Bits(value) != 0)
                {
                    return WireError.BadValue;
                }
            }
            return 0;
        }
    }
}
