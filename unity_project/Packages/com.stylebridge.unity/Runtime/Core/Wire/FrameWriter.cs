namespace Stylebridge.Wire
{
    /// <summary>Writes a FRAME's first part.</summary>
    internal static class FrameWriter
    {
        internal static void Write(FrameHeader header, byte[] target)
        {
            const int At = PrefixLayout.Bytes;
            WirePrefix.Write(target, WireKind.Frame, header.Bytes, (uint)header.Flags);
            header.Session.Write(target, At + FrameLayout.Session);
            LittleEndian.WriteUInt64(target, At + FrameLayout.Sequence, header.Sequence);
            LittleEndian.WriteUInt64(target, At + FrameLayout.FrameId, header.FrameId);
            LittleEndian.WriteDouble(target, At + FrameLayout.SimulationS, header.SimulationS);
            LittleEndian.WriteUInt64(target, At + FrameLayout.WallNs, header.WallNs);
            header.Camera.Write(target, At + FrameLayout.Camera);
            LittleEndian.WriteUInt32(target, At + FrameLayout.Width, (uint)header.Width);
            LittleEndian.WriteUInt32(target, At + FrameLayout.Height, (uint)header.Height);
            LittleEndian.WriteUInt16(target, At + FrameLayout.PlaneCount, header.PlaneCount);
            target[At + FrameLayout.Lane] = (byte)header.Lane;
            target[At + FrameLayout.Matrices] = (byte)header.Matrices;
            LittleEndian.WriteUInt16(target, At + FrameLayout.Ring, header.Ring);
            LittleEndian.WriteUInt16(target, At + FrameLayout.Slot, header.Slot);
            LittleEndian.WriteUInt64(target, At + FrameLayout.SlotStamp, header.SlotStamp);
            LittleEndian.WriteUInt64(target, At + FrameLayout.PayloadBytes, header.PayloadBytes);
            for (int i = 0; i < 16; i++)
            {
                LittleEndian.WriteSingle(target, At + FrameLayout.View + 4 * i, header.View[i]);
                LittleEndian.WriteSingle(target, At + FrameLayout.Projection + 4 * i, header.Projection[i]);
            }
            for (int i = 0; i < header.PlaneCount; i++)
            {
                header.Planes[i].Write(target, At + FrameLayout.Bytes + i * PlaneLayout.Bytes);
            }
        }
    }
}
