using System;

namespace Stylebridge.Wire
{
    /// <summary>One prefix code of a packed block, as a table over the bits that come next.</summary>
    internal sealed class InflateTable
    {
        private const int MaxSize = 15;

        private readonly ushort[] _entries = new ushort[1 << MaxSize]; // symbol << 4 | bits; 0 is no code
        private readonly int[] _counts = new int[MaxSize + 1];
        private readonly int[] _next = new int[MaxSize + 1];
        private int _width;

        /// <summary>Takes the code's sizes; one with gaps is refused unless it is a lone bit or nothing.</summary>
        internal bool TrySet(byte[] sizes, int at, int count, bool mayBeLone)
        {
            Array.Clear(_counts, 0, _counts.Length);
            for (int i = 0; i < count; i++)
            {
                _counts[sizes[at + i]]++;
            }
            _counts[0] = 0;
            int left = 1;
            int code = 0;
            _width = 0;
            for (int size = 1; size <= MaxSize; size++)
            {
                left = (left << 1) - _counts[size];
                if (left < 0)
                {
                    return false;
                }
                code = (code + _counts[size - 1]) << 1;
                _next[size] = code;
                _width = _counts[size] > 0 ? size : _width;
            }
            if (left > 0 && _width > 0 && (!mayBeLone || _width > 1))
            {
                return false;
            }
            Array.Clear(_entries, 0, 1 << _width);
            Fill(sizes, at, count);
            return true;
        }

        /// <summary>The symbol that the bits open with, and how many it takes; 0 for none.</summary>
        internal int Find(int bits, out int symbol)
        {
            int entry = _entries[bits & ((1 << _width) - 1)];
            symbol = entry >> 4;
            return entry & 15;
        }

        private void Fill(byte[] sizes, int at, int count)
        {
            for (int symbol = 0; symbol < count; symbol++)
            {
                int size = sizes[at + symbol];
                if (size == 0)
                {
                    continue;
                }
                int first = Reversed(_next[size]++, size);
                for (int i = first; i < 1 << _width; i += 1 << size)
                {
                    _entries[i] = (ushort)((symbol << 4) | size);
                }
            }
        }

        private static int Reversed(int code, int size)
        {
            int reversed = 0;
            for (; size > 0; size--, code >>= 1)
            {
                reversed = (reversed << 1) | (code & 1);
            }
            return reversed;
        }
    }
}
