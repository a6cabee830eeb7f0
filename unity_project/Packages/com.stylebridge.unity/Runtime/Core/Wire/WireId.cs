using System;
using System.Globalization;
using System.Security.Cryptography;

namespace Stylebridge.Wire
{
    /// <summary>Sixteen random bytes: a session's name or a ring's token.</summary>
    public struct WireId : IEquatable<WireId>
    {
        private const int Bytes = 16;
        private readonly ulong _first;
        private readonly ulong _second;

        private WireId(ulong first, ulong second)
        {
            _first = first;
            _second = second;
        }

        /// <summary>Whether all bytes are zero, which no session's are.</summary>
        public bool IsZero
        {
            get { return (_first | _second) == 0; }
        }

        /// <summary>A new one that nobody can guess.</summary>
        public static WireId NewRandom()
        {
            var bytes = new byte[Bytes];
            using (RandomNumberGenerator random = RandomNumberGenerator.Create())
            {
                WireId id;
                do
                {
                    random.GetBytes(bytes);
                    id = Read(bytes, 0);
                }
                while (id.IsZero);
                return id;
            }
        }

        /// <summary>The bytes at a place of an array.</summary>
        public static WireId Read(byte[] data, int at)
        {
            return new WireId(LittleEndian.ReadUInt64(data, at), LittleEndian.ReadUInt64(data, at + 8));
        }

        /// <summary>Reads 32 lower-case hex digits.</summary>
        public static bool TryParse(string hex, out WireId id)
        {
            id = default(WireId);
            if (hex == null || hex.Length != 2 * Bytes)
            {
                return false;
            }
            var bytes = new byte[Bytes];
            for (int i = 0; i < hex.Length; i++)
            {
                int digit = "0123456789abcdef".IndexOf(hex[i]);
                if (digit < 0)
                {
                    return false;
                }
                bytes[i / 2] = (byte)((bytes[i / 2] << 4) | digit);
            }
            id = Read(bytes, 0);
            return true;
        }

        /// <summary>Puts the bytes into an array.</summary>
        public void Write(byte[] data, int at)
        {
            LittleEndian.WriteUInt64(data, at, _first);
            LittleEndian.WriteUInt64(data, at + 8, _second);
        }

        /// <summary>Whether all bytes are the same.</summary>
        public bool Equals(WireId other)
        {
            return _first == other._first && _second == other._second;
        }

        /// <inheritdoc/>
        public override bool Equals(object other)
        {
            return other is WireId && Equals((WireId)other);
        }

        /// <inheritdoc/>
        public override int GetHashCode()
        {
            return (_first ^ _second).GetHashCode();
        }

        /// <summary>32 lower-case hex digits.</summary>
        public override string ToString()
        {
            var bytes = new byte[Bytes];
            Write(bytes, 0);
            var digits = new char[2 * Bytes];
            for (int i = 0; i < Bytes; i++)
            {
                string pair = bytes[i].ToString("x2", CultureInfo.InvariantCulture);
                digits[2 * i] = pair[0];
                digits[2 * i + 1] = pair[1];
            }
            return new string(digits);
        }
    }
}
