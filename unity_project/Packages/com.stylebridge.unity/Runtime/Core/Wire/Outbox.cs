using System.Collections.Generic;

namespace Stylebridge.Wire
{
    /// <summary>The frames in the sender's hands: kept until they are acknowledged, or the newest that wait.</summary>
    internal sealed class Outbox
    {
        private const int MaxSpare = 16;

        private readonly Queue<HeldFrame> _kept = new Queue<HeldFrame>(); // lockstep, lossless: in order, without holes
        private readonly List<HeldFrame> _waiting = new List<HeldFrame>(); // live: one per camera, in order
        private readonly Queue<ulong> _flying = new Queue<ulong>(); // live: sent and not acknowledged
        private readonly Stack<HeldFrame> _spare = new Stack<HeldFrame>();
        private long _keptBytes;
        private ulong _onLink; // the highest sequence that this link was given

        /// <summary>Frames that aren't safe, or in the live flow haven't left.</summary>
        internal int Unfinished
        {
            get { return _kept.Count + _waiting.Count; }
        }

        internal int Kept
        {
            get { return _kept.Count; }
        }

        internal int Flying
        {
            get { return _flying.Count; }
        }

        /// <summary>Bytes of the kept frames.</summary>
        internal long KeptBytes
        {
            get { return _keptBytes; }
        }

        /// <summary>The highest sequence that any link was given.</summary>
        internal ulong HighestSent { get; private set; }

        internal HeldFrame Obtain()
        {
            return _spare.Count > 0 ? _spare.Pop() : new HeldFrame();
        }

        internal void Recycle(HeldFrame frame)
        {
            frame.Release();
            if (_spare.Count < MaxSpare)
            {
                _spare.Push(frame);
            }
        }

        /// <summary>Keeps a frame until it is acknowledged.</summary>
        internal void Keep(HeldFrame frame)
        {
            _kept.Enqueue(frame);
            _keptBytes += (long)frame.Header.PayloadBytes;
        }

        /// <summary>Lets a frame wait in place of its camera's older one; true when there was one.</summary>
        internal bool Wait(HeldFrame frame)
        {
            int place = -1;
            for (int i = 0; i < _waiting.Count; i++)
            {
                place = _waiting[i].Header.Camera.Text == frame.Header.Camera.Text ? i : place;
            }
            if (place >= 0)
            {
                Recycle(_waiting[place]);
                _waiting.RemoveAt(place);
            }
            _waiting.Add(frame);
            return place >= 0;
        }

        /// <summary>The kept frame that this link is to be given next, or null.</summary>
        internal HeldFrame NextKept(ulong acknowledged, int window)
        {
            foreach (HeldFrame frame in _kept)
            {
                if (frame.Sequence > _onLink)
                {
                    return frame.Sequence - acknowledged <= (ulong)window ? frame : null;
                }
            }
            return null;
        }

        /// <summary>The frame that waits longest, or null.</summary>
        internal HeldFrame NextWaiting(int window)
        {
            return _waiting.Count > 0 && _flying.Count < window ? _waiting[0] : null;
        }

        internal void SentKept(ulong sequence)
        {
            _onLink = sequence;
            HighestSent = sequence > HighestSent ? sequence : HighestSent;
        }

        internal void SentWaiting()
        {
            HeldFrame frame = _waiting[0];
            _waiting.RemoveAt(0);
            SentAtOnce(frame.Sequence);
            Recycle(frame);
        }

        /// <summary>Lets the frame that waits longest go unsent.</summary>
        internal void DropWaiting()
        {
            HeldFrame frame = _waiting[0];
            _waiting.RemoveAt(0);
            Recycle(frame);
        }

        internal void SentAtOnce(ulong sequence)
        {
            _onLink = sequence;
            HighestSent = sequence;
            _flying.Enqueue(sequence);
        }

        /// <summary>Forgets what the other side has taken over.</summary>
        internal void Acknowledge(ulong sequence)
        {
            while (_kept.Count > 0 && _kept.Peek().Sequence <= sequence)
            {
                HeldFrame frame = _kept.Dequeue();
                _keptBytes -= (long)frame.Header.PayloadBytes;
                Recycle(frame);
            }
            while (_flying.Count > 0 && _flying.Peek() <= sequence)
            {
                _flying.Dequeue();
            }
        }

        /// <summary>A new link whose other end has all up to here; says how many frames the old one lost.</summary>
        internal int StartOver(ulong sequence, bool isLive)
        {
            Acknowledge(sequence);
            int lost = _flying.Count;
            _flying.Clear();
            _onLink = isLive ? _onLink : sequence;
            return lost;
        }
    }
}
