using System;

namespace Stylebridge.Wire
{
    /// <summary>A received message, made once; its arrays grow to what has come and stay within bounds.</summary>
    public sealed class WireMessage
    {
        private const int MaxParts = 1 + WireConstants.MaxPlanes;
        private const int SmallestPart = 256;

        private readonly byte[][] _parts = new byte[MaxParts][];
        private readonly int[] _lengths = new int[MaxParts];
        private readonly int _maxBytes;
        private long _bytes;

        /// <summary>Room for messages of at most this many bytes, all parts together.</summary>
        public WireMessage(int maxBytes)
        {
            _maxBytes = maxBytes;
            for (int i = 0; i < MaxParts; i++)
            {
                _parts[i] = new byte[i == 0 ? 2 * SmallestPart : 0];
            }
        }

        /// <summary>How many parts there are.</summary>
        public int Count { get; private set; }

        /// <summary>Whether every part was taken; otherwise the message was too large or had too many.</summary>
        public bool IsWhole { get; private set; }

        /// <summary>Forgets the message and keeps the arrays.</summary>
        public void Clear()
        {
            Count = 0;
            _bytes = 0;
            IsWhole = true;
        }

        /// <summary>Room for one more part; false when it is over the bounds: the message isn't whole then.</summary>
        public bool TryAdd(long length, out byte[] room)
        {
            room = null;
            if (Count == MaxParts || length < 0 || length > _maxBytes - _bytes)
            {
                IsWhole = false;
                return false;
            }
            if (_parts[Count].Length < length)
            {
                _parts[Count] = new byte[Math.Max(SmallestPart, (int)length)];
            }
            room = _parts[Count];
            _bytes += length;
            _lengths[Count++] = (int)length;
            return true;
        }

        /// <summary>The bytes of a part; the array may be longer.</summary>
        public byte[] Part(int place)
        {
            return _parts[place];
        }

        /// <summary>How many bytes of a part's array count.</summary>
        public int Length(int place)
        {
            return _lengths[place];
        }

        /// <summary>Gives a part's array away for another one, so that it needn't be copied.</summary>
        public void Swap(int place, ref byte[] array)
        {
            byte[] part = _parts[place];
            _parts[place] = array;
            array = part;
        }
    }
}
