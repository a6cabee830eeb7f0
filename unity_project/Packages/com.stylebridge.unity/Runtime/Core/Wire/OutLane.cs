using System;
using System.Collections.Generic;

namespace Stylebridge.Wire
{
    /// <summary>The shared memory that frames go through: offers rings, and knows which slots may be written.</summary>
    internal sealed class OutLane
    {
        private const int MakingMs = 1000;

        private readonly List<OutRing> _leaving = new List<OutRing>(); // still read, or still held for another try
        private OutRing _ring;
        private OutRing _offered;
        private RingMaker _making;
        private LaneMessage _unsaid;
        private int _slots;
        private ushort _number;
        private bool _isAllowed;

        /// <summary>Why frames go inline; empty when nothing speaks against a ring.</summary>
        internal string InlineBecause { get; private set; } = "";

        internal bool IsActive
        {
            get { return _ring != null; }
        }

        /// <summary>A new link: the other side knows no ring of ours.</summary>
        internal void StartOver(string inlineBecause, int slots)
        {
            _isAllowed = inlineBecause.Length == 0;
            InlineBecause = inlineBecause;
            _slots = Math.Min(slots, WireConstants.MaxSlots);
            _unsaid = null;
            Drop(ref _offered);
            _making?.Abandon(0);
            _making = null;
            if (_ring != null)
            {
                _leaving.Add(_ring);
                _ring = null;
            }
            foreach (OutRing ring in _leaving)
            {
                ring.Forget();
            }
            DisposeIdle(null);
        }

        /// <summary>Begins to make a ring when frames of this size need one; it is offered when it is there.</summary>
        internal void Prepare(long size, SenderOptions options)
        {
            bool fits = _ring != null && size <= _ring.Writer.SlotBytes;
            bool isUnderWay = _making != null || _offered != null || _unsaid != null;
            if (!_isAllowed || fits || isUnderWay || size < options.SmallestInRing)
            {
                return;
            }
            long slotBytes = (long)FrameHeader.Aligned((ulong)size);
            long most = options.MaxRingBytes / RingMap.Stride(slotBytes);
            if (most < 1)
            {
                Forbid("the ring would be too large");
                return;
            }
            _making = new RingMaker((int)Math.Min(_slots, most), slotBytes);
        }

        /// <summary>What has to be said to the other side, or null.</summary>
        internal LaneMessage NextToSay()
        {
            if (_unsaid == null && _leaving.Count > 0)
            {
                DisposeIdle(this);
            }
            if (_unsaid == null && _making != null && _making.TryTake(out RingWriter made, out string failure))
            {
                _making = null;
                Offer(made, failure);
            }
            return _unsaid;
        }

        internal void Said()
        {
            _unsaid = null;
        }

        /// <summary>The other side has answered an offer.</summary>
        internal void Settle(LaneMessage answer)
        {
            if (_offered == null || answer.Ring != _offered.Number)
            {
                return;
            }
            if (answer.Act == LaneAct.Refuse)
            {
                Drop(ref _offered);
                Forbid("refused: " + answer.Says);
                return;
            }
            if (_ring != null)
            {
                _leaving.Add(_ring);
            }
            _ring = _offered;
            _offered = null;
            _ring.Writer.Unlink();
        }

        internal bool TryTake(long size, out OutRing ring, out int slot)
        {
            ring = _ring;
            slot = 0;
            return ring != null && size <= ring.Writer.SlotBytes && ring.TryTake(out slot);
        }

        internal void Return(ushort number, ulong slots)
        {
            if (_ring != null && _ring.Number == number)
            {
                _ring.Return(slots);
            }
            foreach (OutRing ring in _leaving)
            {
                ring.Return(ring.Number == number ? slots : 0);
            }
        }

        internal void Close()
        {
            _making?.Abandon(MakingMs);
            _making = null;
            Drop(ref _offered);
            Drop(ref _ring);
            foreach (OutRing ring in _leaving)
            {
                RingMaker.LetGo(ring.Writer);
            }
            _leaving.Clear();
        }

        private static void Drop(ref OutRing ring)
        {
            if (ring != null)
            {
                RingMaker.LetGo(ring.Writer);
                ring = null;
            }
        }

        private void Offer(RingWriter made, string failure)
        {
            if (made == null)
            {
                Forbid(failure);
                return;
            }
            _number = (ushort)(_number == ushort.MaxValue ? 1 : _number + 1);
            _offered = new OutRing(made, _number);
            _unsaid = made.Offer(_number);
        }

        private void Forbid(string why)
        {
            _isAllowed = false;
            _unsaid = null;
            InlineBecause = why;
        }

        /// <summary>Lets rings go that nobody looks at any more; one at a time when that has to be said.</summary>
        private void DisposeIdle(OutLane sayer)
        {
            for (int i = _leaving.Count - 1; i >= 0; i--)
            {
                if (!_leaving[i].IsIdle)
                {
                    continue;
                }
                ushort number = _leaving[i].Number;
                RingMaker.LetGo(_leaving[i].Writer);
                _leaving.RemoveAt(i);
                if (sayer != null)
                {
                    _unsaid = new LaneMessage { Act = LaneAct.Close, Ring = number };
                    return;
                }
            }
        }
    }
}
