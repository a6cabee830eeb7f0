namespace Stylebridge.Wire
{
    /// <summary>RFC 1951 unpacked strictly: exactly the promised bytes, exactly the given ones, or nothing.</summary>
    /// <remarks>The runtime's own stream sees neither a missing end nor bytes behind it.</remarks>
    internal sealed unsafe class Inflate
    {
        private const int EndOfBlock = 256;
        private const int MaxLengths = 286;
        private const int MaxDistances = 30;

        private static readonly byte[] LengthOrder =
        {
            16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
        };

        private static readonly byte[] FixedSizes = NewFixedSizes();

        private readonly byte[] _sizes = new byte[MaxLengths + MaxDistances];
        private readonly InflateTable _lengths = new InflateTable();
        private readonly InflateTable _distances = new InflateTable();
        private readonly InflateTable _codes = new InflateTable();
        private byte* _source;
        private byte* _sourceEnd;
        private byte* _start;
        private byte* _target;
        private byte* _targetEnd;
        private ulong _bits;
        private int _bitCount;

        internal bool TryUnpack(byte* source, long count, byte* target, long size)
        {
            _source = source;
            _sourceEnd = source + count;
            _start = target;
            _target = target;
            _targetEnd = target + size;
            _bits = 0;
            _bitCount = 0;
            bool isLast = false;
            while (!isLast)
            {
                if (!TryTake(3, out int opening) || !TryBlock(opening >> 1))
                {
                    return false;
                }
                isLast = (opening & 1) != 0;
            }
            return _target == _targetEnd && _source - _bitCount / 8 == _sourceEnd;
        }

        private bool TryBlock(int type)
        {
            switch (type)
            {
                case 0:
                    return TryStored();
                case 1:
                    SetFixedTables();
                    return TryCoded();
                case 2:
                    return TryReadTables() && TryCoded();
                default:
                    return false;
            }
        }

        private bool TryStored()
        {
            _source -= _bitCount / 8; // whole bytes that were only looked at
            _bits = 0;
            _bitCount = 0;
            if (_sourceEnd - _source < 4)
            {
                return false;
            }
            int count = _source[0] | (_source[1] << 8);
            int inverse = _source[2] | (_source[3] << 8);
            _source += 4;
            if (count != (inverse ^ 0xFFFF) || count > _sourceEnd - _source || count > _targetEnd - _target)
            {
                return false;
            }
            System.Buffer.MemoryCopy(_source, _target, count, count);
            _source += count;
            _target += count;
            return true;
        }

        private bool TryCoded()
        {
            while (true)
            {
                if (!TrySymbol(_lengths, out int symbol))
                {
                    return false;
                }
                if (symbol == EndOfBlock)
                {
                    return true;
                }
                if (symbol > EndOfBlock)
                {
                    if (!TryCopy(symbol - EndOfBlock - 1))
                    {
                        return false;
                    }
                    continue;
                }
                if (_target == _targetEnd)
                {
                    return false;
                }
                *_target++ = (byte)symbol;
            }
        }

        private bool TryCopy(int symbol)
        {
            if (!TryLength(symbol, out int length) || !TrySymbol(_distances, out int code) || code >= MaxDistances)
            {
                return false;
            }
            int extra = code < 4 ? 0 : code / 2 - 1;
            if (!TryTake(extra, out int more))
            {
                return false;
            }
            int distance = 1 + more + (code < 4 ? code : (2 + (code & 1)) << extra);
            if (distance > _target - _start || length > _targetEnd - _target)
            {
                return false;
            }
            for (byte* from = _target - distance; length > 0; length--)
            {
                *_target++ = *from++; // byte by byte: the two may overlap
            }
            return true;
        }

        private bool TryLength(int symbol, out int length)
        {
            if (symbol < 8 || symbol >= 28)
            {
                length = symbol < 8 ? symbol + 3 : 258;
                return symbol <= 28;
            }
            int extra = symbol / 4 - 1;
            bool isThere = TryTake(extra, out int more);
            length = 3 + ((4 + (symbol & 3)) << extra) + more;
            return isThere;
        }

        private bool TryReadTables()
        {
            if (!TryTake(14, out int counts))
            {
                return false;
            }
            int lengths = (counts & 31) + 257;
            int distances = ((counts >> 5) & 31) + 1;
            int codes = (counts >> 10) + 4;
            System.Array.Clear(_sizes, 0, LengthOrder.Length);
            for (int i = 0; i < codes; i++)
            {
                if (!TryTake(3, out int size))
                {
                    return false;
                }
                _sizes[LengthOrder[i]] = (byte)size;
            }
            return lengths <= MaxLengths && distances <= MaxDistances
                && _codes.TrySet(_sizes, 0, LengthOrder.Length, false)
                && TryReadSizes(lengths + distances)
                && _sizes[EndOfBlock] > 0
                && _lengths.TrySet(_sizes, 0, lengths, true)
                && _distances.TrySet(_sizes, lengths, distances, true);
        }

        private bool TryReadSizes(int count)
        {
            int at = 0;
            while (at < count)
            {
                if (!TrySymbol(_codes, out int symbol))
                {
                    return false;
                }
                if (symbol < 16)
                {
                    _sizes[at++] = (byte)symbol;
                    continue;
                }
                int bits = symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
                if ((symbol == 16 && at == 0) || !TryTake(bits, out int more))
                {
                    return false;
                }
                int repeats = more + (symbol == 18 ? 11 : 3);
                byte size = symbol == 16 ? _sizes[at - 1] : (byte)0;
                if (repeats > count - at)
                {
                    return false;
                }
                for (; repeats > 0; repeats--)
                {
                    _sizes[at++] = size;
                }
            }
            return true;
        }

        private void SetFixedTables()
        {
            _lengths.TrySet(FixedSizes, 0, 288, true);
            _distances.TrySet(FixedSizes, 288, 32, true);
        }

        private static byte[] NewFixedSizes()
        {
            var sizes = new byte[288 + 32];
            for (int i = 0; i < sizes.Length; i++)
            {
                sizes[i] = (byte)(i >= 288 ? 5 : i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8);
            }
            return sizes;
        }

        private bool TrySymbol(InflateTable table, out int symbol)
        {
            Fill();
            int size = table.Find((int)_bits, out symbol);
            bool isThere = size > 0 && size <= _bitCount;
            _bits >>= isThere ? size : 0;
            _bitCount -= isThere ? size : 0;
            return isThere;
        }

        private bool TryTake(int count, out int value)
        {
            Fill();
            value = (int)_bits & ((1 << count) - 1);
            if (count > _bitCount)
            {
                return false;
            }
            _bits >>= count;
            _bitCount -= count;
            return true;
        }

        private void Fill()
        {
            while (_bitCount <= 48 && _source < _sourceEnd)
            {
                _bits |= (ulong)*_source++ << _bitCount;
                _bitCount += 8;
            }
        }
    }
}
