using System.Collections.Generic;
using NetMQ;

namespace Stylebridge.Wire
{
    /// <summary>Arrays that are used again instead of becoming garbage; safe from any thread.</summary>
    internal sealed class NetMqBufferPool : IBufferPool
    {
        private const int SmallestShift = 8;
        private const int Shifts = 31 - SmallestShift;
        private const int KeptPerSize = 8;
        private const long KeptBytes = 256L << 20;

        private readonly Stack<byte[]>[] _free = new Stack<byte[]>[Shifts];
        private readonly object _lock = new object();
        private long _bytes;

        /// <inheritdoc/>
        public byte[] Take(int size)
        {
            int place = Place(size);
            if (place == Shifts)
            {
                return new byte[size];
            }
            lock (_lock)
            {
                if (_free[place] != null && _free[place].Count > 0)
                {
                    byte[] array = _free[place].Pop();
                    _bytes -= array.Length;
                    return array;
                }
            }
            return new byte[1 << (SmallestShift + place)];
        }

        /// <inheritdoc/>
        public void Return(byte[] buffer)
        {
            int place = Place(buffer.Length);
            if (place == Shifts || buffer.Length != 1 << (SmallestShift + place))
            {
                return; // not made here
            }
            lock (_lock)
            {
                _free[place] = _free[place] ?? new Stack<byte[]>();
                if (_free[place].Count < KeptPerSize && _bytes + buffer.Length <= KeptBytes)
                {
                    _bytes += buffer.Length;
                    _free[place].Push(buffer);
                }
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            lock (_lock)
            {
                System.Array.Clear(_free, 0, Shifts);
                _bytes = 0;
            }
        }

        private static int Place(int size)
        {
            int place = 0;
            while (place < Shifts && 1 << (SmallestShift + place) < size)
            {
                place++;
            }
            return place;
        }
    }
}
