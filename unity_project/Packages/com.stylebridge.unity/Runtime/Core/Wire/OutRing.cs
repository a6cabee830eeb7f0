namespace Stylebridge.Wire
{
    /// <summary>A ring of this side's, and whose each slot is.</summary>
    internal sealed class OutRing
    {
        private ulong _held; // a frame of ours lies there and may have to be sent again
        private ulong _lent; // the other side may be reading

        internal OutRing(RingWriter writer, ushort number)
        {
            Writer = writer;
            Number = number;
        }

        internal RingWriter Writer { get; }

        internal ushort Number { get; }

        /// <summary>Whether the other side has the ring on this link.</summary>
        internal bool IsKnown { get; private set; } = true;

        internal bool IsIdle
        {
            get { return (_held | _lent) == 0; }
        }

        internal bool TryTake(out int slot)
        {
            for (slot = 0; slot < Writer.Slots; slot++)
            {
                if (((_held | _lent) & (1UL << slot)) == 0)
                {
                    _held |= 1UL << slot;
                    return true;
                }
            }
            return false;
        }

        internal void Lend(int slot)
        {
            _lent |= 1UL << slot;
        }

        internal void LetGo(int slot)
        {
            _held &= ~(1UL << slot);
        }

        internal void Return(ulong slots)
        {
            _lent &= ~slots;
        }

        /// <summary>The other side doesn't know the ring any more.</summary>
        internal void Forget()
        {
            IsKnown = false;
            _lent = 0;
        }
    }
}
