using System;

namespace Stylebridge.Wire
{
    /// <summary>Bytes of a message part, in an array or in the engine's memory; valid during the call only.</summary>
    public struct WirePart
    {
        /// <summary>The array, or null when <c>Pointer</c> counts.</summary>
        public byte[] Bytes;

        /// <summary>Where the bytes begin in the array.</summary>
        public int Offset;

        /// <summary>Where the bytes lie when there is no array.</summary>
        public IntPtr Pointer;

        /// <summary>How many bytes.</summary>
        public int Length;

        /// <summary>Copies the bytes to a place that has room for them.</summary>
        public unsafe void CopyTo(byte* target)
        {
            if (Length == 0)
            {
                return;
            }
            if (Bytes == null)
            {
                Buffer.MemoryCopy((void*)Pointer, target, Length, Length);
                return;
            }
            fixed (byte* start = &Bytes[Offset])
            {
                Buffer.MemoryCopy(start, target, Length, Length);
            }
        }
    }
}
