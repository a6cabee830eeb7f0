namespace Stylebridge.Wire
{
    /// <summary>Numbers in byte arrays, byte by byte: neither alignment nor the processor's order matters.</summary>
    internal static unsafe class LittleEndian
    {
        internal static ushort ReadUInt16(byte[] data, int at)
        {
            return (ushort)(data[at] | (data[at + 1] << 8));
        }

        internal static uint ReadUInt32(byte[] data, int at)
        {
            return data[at] | ((uint)data[at + 1] << 8) | ((uint)data[at + 2] << 16) | ((uint)data[at + 3] << 24);
        }

        internal static ulong ReadUInt64(byte[] data, int at)
        {
            return ReadUInt32(data, at) | ((ulong)ReadUInt32(data, at + 4) << 32);
        }

        internal static float ReadSingle(byte[] data, int at)
        {
            uint bits = ReadUInt32(data, at);
            return *(float*)&bits;
        }

        internal static double ReadDouble(byte[] data, int at)
        {
            ulong bits = ReadUInt64(data, at);
            return *(double*)&bits;
        }

        internal static void WriteUInt16(byte[] data, int at, int value)
        {
            data[at] = (byte)value;
            data[at + 1] = (byte)(value >> 8);
        }

        internal static void WriteUInt32(byte[] data, int at, uint value)
        {
            data[at] = (byte)value;
            data[at + 1] = (byte)(value >> 8);
            data[at + 2] = (byte)(value >> 16);
            data[at + 3] = (byte)(value >> 24);
        }

        internal static void WriteUInt64(byte[] data, int at, ulong value)
        {
            WriteUInt32(data, at, (uint)value);
            WriteUInt32(data, at + 4, (uint)(value >> 32));
        }

        internal static void WriteSingle(byte[] data, int at, float value)
        {
            WriteUInt32(data, at, *(uint*)&value);
        }

        internal static void WriteDouble(byte[] data, int at, double value)
        {
            WriteUInt64(data, at, *(ulong*)&value);
        }

        internal static uint Bits(float value)
        {
            return *(uint*)&value;
        }
    }
}
