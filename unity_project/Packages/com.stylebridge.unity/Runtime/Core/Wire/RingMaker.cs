using System;
using System.Threading;

namespace Stylebridge.Wire
{
    /// <summary>Makes a ring beside the game: setting memory aside takes longer than a frame may.</summary>
    internal sealed class RingMaker
    {
        private readonly object _lock = new object();
        private readonly int _slots;
        private readonly long _slotBytes;
        private RingWriter _made;
        private string _failure;
        private bool _isAbandoned;

        internal RingMaker(int slots, long slotBytes)
        {
            _slots = slots;
            _slotBytes = slotBytes;
            ThreadPool.QueueUserWorkItem(Make);
        }

        /// <summary>Unmaps a ring beside the game; its name goes at once, so that nothing stays behind.</summary>
        internal static void LetGo(RingWriter ring)
        {
            ring.Unlink();
            ThreadPool.QueueUserWorkItem(state => ((RingWriter)state).Dispose(), ring);
        }

        /// <summary>The ring, or why there is none; false while it is still being made.</summary>
        internal bool TryTake(out RingWriter ring, out string failure)
        {
            lock (_lock)
            {
                ring = _made;
                failure = _failure;
                return ring != null || failure != null;
            }
        }

        /// <summary>Nobody wants the ring any more; may wait a moment for its file to be gone.</summary>
        internal void Abandon(int waitMs)
        {
            lock (_lock)
            {
                _isAbandoned = true;
                if (_made == null && _failure == null && waitMs > 0)
                {
                    Monitor.Wait(_lock, waitMs);
                }
                else
                {
                    _made?.Dispose();
                }
            }
        }

        private void Make(object state)
        {
            RingWriter made = null;
            string failure = null;
            try
            {
                made = new RingWriter(_slots, _slotBytes);
            }
            catch (Exception error)
            {
                // Thrown further, it would end the game.
                failure = error.Message;
            }
            lock (_lock)
            {
                _made = made;
                _failure = failure;
                if (_isAbandoned)
                {
                    made?.Dispose();
                }
                Monitor.PulseAll(_lock);
            }
        }
    }
}
