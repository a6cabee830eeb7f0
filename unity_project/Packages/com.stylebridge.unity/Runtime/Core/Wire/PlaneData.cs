using System;

namespace Stylebridge.Wire
{
    /// <summary>One plane as the game has it, in an array or in the engine's memory; nothing is converted.</summary>
    public struct PlaneData
    {
        /// <summary>What it is and how it lies; offset, length and checksum are filled in by the sender.</summary>
        public PlaneEntry Entry;

        /// <summary>The array, or null when <c>Pointer</c> counts.</summary>
        public byte[] Bytes;

        /// <summary>Where the plane begins in the array.</summary>
        public int Offset;

        /// <summary>Where the plane lies when there is no array.</summary>
        public IntPtr Pointer;

        /// <summary>Bytes that are there to be read.</summary>
        public long Available;

        /// <summary>A plane in the engine's memory; a stride of 0 means rows without padding.</summary>
        public static PlaneData From(
            WirePlane plane, WireDtype dtype, int channels, int width, IntPtr pointer, long available, long stride = 0)
        {
            PlaneData data = Describe(plane, dtype, channels, width, stride);
            data.Pointer = pointer;
            data.Available = available;
            return data;
        }

        /// <summary>A plane in an array; a stride of 0 means rows without padding.</summary>
        public static PlaneData From(
            WirePlane plane, WireDtype dtype, int channels, int width, byte[] bytes, long stride = 0)
        {
            PlaneData data = Describe(plane, dtype, channels, width, stride);
            data.Bytes = bytes;
            data.Available = bytes == null ? 0 : bytes.Length;
            return data;
        }

        private static PlaneData Describe(WirePlane plane, WireDtype dtype, int channels, int width, long stride)
        {
            var data = default(PlaneData);
            data.Entry = new PlaneEntry
            {
                Plane = plane,
                Dtype = dtype,
                Channels = channels,
                ColorSpace = plane == WirePlane.Color ? WireColorSpace.Srgb : WireColorSpace.Data,
                ScaleX = 1,
                ScaleY = 1,
            };
            data.Entry.Stride = (uint)(stride > 0 ? stride : data.Entry.RowBytes(width));
            return data;
        }
    }
}
