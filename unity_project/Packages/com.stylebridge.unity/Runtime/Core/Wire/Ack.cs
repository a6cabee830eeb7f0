namespace Stylebridge.Wire
{
    /// <summary>What the receiver of frames took over, and which ring slots it gave back.</summary>
    public struct Ack
    {
        /// <summary>Bytes of the message.</summary>
        public const int Bytes = PrefixLayout.Bytes + AckLayout.Bytes;

        /// <summary>Every frame up to this one is taken over.</summary>
        public ulong Sequence;

        /// <summary>A bit per ring slot that may be written again.</summary>
        public ulong Released;

        /// <summary>The ring of these bits.</summary>
        public ushort Ring;

        /// <summary>Frames that may be in flight from now on.</summary>
        public ushort Window;

        /// <summary>Takes an ACK apart.</summary>
        public static bool TryDecode(byte[] data, int count, out Ack ack, out WireError error)
        {
            const int At = PrefixLayout.Bytes;
            ack = default(Ack);
            if (!WirePrefix.HasBody(count, AckLayout.Bytes, out error))
            {
                return false;
            }
            ack.Sequence = LittleEndian.ReadUInt64(data, At + AckLayout.Sequence);
            ack.Released = LittleEndian.ReadUInt64(data, At + AckLayout.Released);
            ack.Ring = LittleEndian.ReadUInt16(data, At + AckLayout.Ring);
            ack.Window = LittleEndian.ReadUInt16(data, At + AckLayout.Window);
            bool isFit = ack.Window <= WireConstants.MaxWindow
                && LittleEndian.ReadUInt32(data, At + AckLayout.Reserved) == 0;
            error = isFit ? 0 : WireError.BadValue;
            return isFit;
        }

        /// <summary>Writes the message and gives its size.</summary>
        public int Encode(byte[] target)
        {
            const int At = PrefixLayout.Bytes;
            WirePrefix.Write(target, WireKind.Ack, Bytes);
            LittleEndian.WriteUInt64(target, At + AckLayout.Sequence, Sequence);
            LittleEndian.WriteUInt64(target, At + AckLayout.Released, Released);
            LittleEndian.WriteUInt16(target, At + AckLayout.Ring, Ring);
            LittleEndian.WriteUInt16(target, At + AckLayout.Window, Window);
            LittleEndian.WriteUInt32(target, At + AckLayout.Reserved, 0);
            return Bytes;
        }
    }
}
