namespace Stylebridge.Wire
{
    /// <summary>What a FRAME says about one plane.</summary>
    public struct PlaneEntry
    {
        /// <summary>Which plane it is.</summary>
        public WirePlane Plane;

        /// <summary>The type of its values.</summary>
        public WireDtype Dtype;

        /// <summary>Values per pixel.</summary>
        public int Channels;

        /// <summary>Whether the channels of a pixel lie together.</summary>
        public WireLayout Layout;

        /// <summary>Which row comes first.</summary>
        public WireRows Rows;

        /// <summary>What the numbers of a colour mean.</summary>
        public WireColorSpace ColorSpace;

        /// <summary>The order of a colour's channels.</summary>
        public WireOrder Order;

        /// <summary>How the bytes are packed.</summary>
        public WireCodec Codec;

        /// <summary>Whether there is a checksum.</summary>
        public WireChecksum ChecksumKind;

        /// <summary>Bytes from one row to the next, unpacked.</summary>
        public uint Stride;

        /// <summary>Where the plane's bytes begin in the payload.</summary>
        public ulong Offset;

        /// <summary>Bytes as sent.</summary>
        public ulong Length;

        /// <summary>The checksum of the bytes as sent, or 0.</summary>
        public uint Checksum;

        /// <summary>A value times this is in the Frame's unit.</summary>
        public float ScaleX;

        /// <summary>The same for the second channel of a motion.</summary>
        public float ScaleY;

        internal uint Reserved;

        /// <summary>Bytes of one value; 0 for a type that the protocol doesn't know.</summary>
        public int ItemBytes
        {
            get
            {
                switch (Dtype)
                {
                    case WireDtype.U8:
                        return 1;
                    case WireDtype.U16:
                    case WireDtype.F16:
                        return 2;
                    case WireDtype.U32:
                    case WireDtype.F32:
                        return 4;
                    default:
                        return 0;
                }
            }
        }

        /// <summary>Bytes of one row without padding; of one channel where the channels lie apart.</summary>
        public long RowBytes(int width)
        {
            return (long)width * ItemBytes * (Layout == WireLayout.Hwc ? Channels : 1);
        }

        /// <summary>Bytes of the plane before it is packed.</summary>
        public long UnpackedBytes(int height)
        {
            return (long)Stride * height * (Layout == WireLayout.Chw ? Channels : 1);
        }

        internal void Read(byte[] data, int at)
        {
            Plane = (WirePlane)LittleEndian.ReadUInt16(data, at + PlaneLayout.Plane);
            Dtype = (WireDtype)LittleEndian.ReadUInt16(data, at + PlaneLayout.Dtype);
            Channels = LittleEndian.ReadUInt16(data, at + PlaneLayout.Channels);
            Layout = (WireLayout)data[at + PlaneLayout.Layout];
            Rows = (WireRows)data[at + PlaneLayout.Rows];
            ColorSpace = (WireColorSpace)data[at + PlaneLayout.ColorSpace];
            Order = (WireOrder)data[at + PlaneLayout.Order];
            Codec = (WireCodec)data[at + PlaneLayout.Codec];
            ChecksumKind = (WireChecksum)data[at + PlaneLayout.ChecksumKind];
            Stride = LittleEndian.ReadUInt32(data, at + PlaneLayout.Stride);
            Offset = LittleEndian.ReadUInt64(data, at + PlaneLayout.Offset);
            Length = LittleEndian.ReadUInt64(data, at + PlaneLayout.Length);
            Checksum = LittleEndian.ReadUInt32(data, at + PlaneLayout.Checksum);
            ScaleX = LittleEndian.ReadSingle(data, at + PlaneLayout.ScaleX);
            ScaleY = LittleEndian.ReadSingle(data, at + PlaneLayout.ScaleY);
            Reserved = LittleEndian.ReadUInt32(data, at + PlaneLayout.Reserved);
        }

        internal void Write(byte[] data, int at)
        {
            LittleEndian.WriteUInt16(data, at + PlaneLayout.Plane, (int)Plane);
            LittleEndian.WriteUInt16(data, at + PlaneLayout.Dtype, (int)Dtype);
            LittleEndian.WriteUInt16(data, at + PlaneLayout.Channels, Channels);
            data[at + PlaneLayout.Layout] = (byte)Layout;
            data[at + PlaneLayout.Rows] = (byte)Rows;
            data[at + PlaneLayout.ColorSpace] = (byte)ColorSpace;
            data[at + PlaneLayout.Order] = (byte)Order;
            data[at + PlaneLayout.Codec] = (byte)Codec;
            data[at + PlaneLayout.ChecksumKind] = (byte)ChecksumKind;
            LittleEndian.WriteUInt32(data, at + PlaneLayout.Stride, Stride);
            LittleEndian.WriteUInt64(data, at + PlaneLayout.Offset, Offset);
            LittleEndian.WriteUInt64(data, at + PlaneLayout.Length, Length);
            LittleEndian.WriteUInt32(data, at + PlaneLayout.Checksum, Checksum);
            LittleEndian.WriteSingle(data, at + PlaneLayout.ScaleX, ScaleX);
            LittleEndian.WriteSingle(data, at + PlaneLayout.ScaleY, ScaleY);
            LittleEndian.WriteUInt32(data, at + PlaneLayout.Reserved, Reserved);
        }
    }
}
