namespace Stylebridge.Wire
{
    /// <summary>A frame in the sender's hands: its header, and its planes in a ring's slot or in an array.</summary>
    internal sealed unsafe class HeldFrame
    {
        private byte[] _array = new byte[0];

        internal FrameHeader Header { get; } = new FrameHeader();

        /// <summary>The ring that holds the planes, or null when the array does.</summary>
        internal OutRing Ring { get; private set; }

        internal int Slot { get; private set; }

        /// <summary>Whether it left before, on whatever link.</summary>
        internal bool WasSent { get; set; }

        internal ulong Sequence
        {
            get { return Header.Sequence; }
        }

        /// <summary>Copies the planes into a slot and says so in the header.</summary>
        internal void FillSlot(OutRing ring, int slot, WirePart[] planes)
        {
            Ring = ring;
            Slot = slot;
            byte* payload = ring.Writer.Begin(slot);
            for (int i = 0; i < Header.PlaneCount; i++)
            {
                planes[i].CopyTo(payload + (long)Header.Planes[i].Offset);
            }
            Header.Lane = WireLane.Ring;
            Header.Ring = ring.Number;
            Header.Slot = (ushort)slot;
            Header.SlotStamp = ring.Writer.End(slot, (long)Header.PayloadBytes);
        }

        /// <summary>Copies the planes into the array.</summary>
        internal void FillArray(WirePart[] planes)
        {
            if ((ulong)_array.Length < Header.PayloadBytes)
            {
                _array = new byte[(long)Header.PayloadBytes];
            }
            fixed (byte* start = _array)
            {
                for (int i = 0; i < Header.PlaneCount; i++)
                {
                    planes[i].CopyTo(start + (long)Header.Planes[i].Offset);
                }
            }
            SayInline();
        }

        /// <summary>Says in the header that the planes are message parts.</summary>
        internal void SayInline()
        {
            Header.Lane = WireLane.Inline;
            Header.Ring = 0;
            Header.Slot = 0;
            Header.SlotStamp = 0;
        }

        /// <summary>Sets one part per plane, wherever the planes lie.</summary>
        internal void Point(WirePart[] parts, int at)
        {
            for (int i = 0; i < Header.PlaneCount; i++)
            {
                long offset = (long)Header.Planes[i].Offset;
                parts[at + i] = new WirePart { Length = (int)Header.Planes[i].Length };
                if (Ring != null)
                {
                    parts[at + i].Pointer = (System.IntPtr)(Ring.Writer.Payload(Slot) + offset);
                }
                else
                {
                    parts[at + i].Bytes = _array;
                    parts[at + i].Offset = (int)offset;
                }
            }
        }

        /// <summary>Lets go of the slot; the array is kept for the next frame.</summary>
        internal void Release()
        {
            if (Ring != null)
            {
                Ring.LetGo(Slot);
                Ring = null;
            }
            WasSent = false;
        }
    }
}
