using System;

namespace Stylebridge
{
    /// <summary>A whole number of any size, with the few operations that reading a decimal number needs.</summary>
    internal sealed class BigNatural
    {
        private uint[] _words = new uint[4]; // least significant first
        private int _count;

        internal BigNatural Copy()
        {
            return new BigNatural { _words = (uint[])_words.Clone(), _count = _count };
        }

        internal void Add(ulong number)
        {
            ulong carry = number;
            for (int i = 0; carry != 0; i++)
            {
                Grow(i + 1);
                ulong sum = _words[i] + (carry & 0xFFFFFFFF);
                _words[i] = (uint)sum;
                carry = (carry >> 32) + (sum >> 32);
            }
        }

        internal void MultiplyAdd(uint factor, uint summand)
        {
            ulong carry = summand;
            for (int i = 0; i < _count; i++)
            {
                carry += (ulong)_words[i] * factor;
                _words[i] = (uint)carry;
                carry >>= 32;
            }
            if (carry != 0)
            {
                Grow(_count + 1);
                _words[_count - 1] = (uint)carry;
            }
        }

        internal void MultiplyPowerOfTen(int power)
        {
            for (; power >= 9; power -= 9)
            {
                MultiplyAdd(1000000000, 0);
            }
            for (; power > 0; power--)
            {
                MultiplyAdd(10, 0);
            }
        }

        internal void ShiftLeft(int bits)
        {
            for (; bits >= 31; bits -= 31)
            {
                MultiplyAdd(1u << 31, 0);
            }
            MultiplyAdd(1u << bits, 0);
        }

        internal bool TryUInt64(out ulong number)
        {
            number = (_count > 0 ? _words[0] : 0) | (_count > 1 ? (ulong)_words[1] << 32 : 0);
            return _count <= 2;
        }

        internal int CompareTo(BigNatural other)
        {
            if (_count != other._count)
            {
                return _count < other._count ? -1 : 1;
            }
            for (int i = _count - 1; i >= 0; i--)
            {
                if (_words[i] != other._words[i])
                {
                    return _words[i] < other._words[i] ? -1 : 1;
                }
            }
            return 0;
        }

        private void Grow(int count)
        {
            if (count > _words.Length)
            {
                Array.Resize(ref _words, 2 * count);
            }
            _count = Math.Max(_count, count);
        }
    }
}
