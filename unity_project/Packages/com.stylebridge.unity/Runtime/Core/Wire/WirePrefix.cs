namespace Stylebridge.Wire
{
    /// <summary>The sixteen bytes that open every message.</summary>
    public static class WirePrefix
    {
        /// <summary>How many bytes it has.</summary>
        public const int Bytes = PrefixLayout.Bytes;

        private const uint FrameFlags = (uint)(WireFrameFlag.Reply | WireFrameFlag.Resent);

        /// <summary>Reads and checks it; <c>count</c> is the size of the whole first part.</summary>
        public static bool TryRead(byte[] data, int count, out WireKind kind, out uint flags, out WireError error)
        {
            kind = 0;
            flags = 0;
            if (count < Bytes)
            {
                return Refuse(WireError.Truncated, out error);
            }
            if (LittleEndian.ReadUInt32(data, PrefixLayout.Magic) != WireConstants.Magic)
            {
                return Refuse(WireError.BadMagic, out error);
            }
            if (LittleEndian.ReadUInt16(data, PrefixLayout.Version) != WireConstants.Version)
            {
                return Refuse(WireError.BadVersion, out error);
            }
            kind = (WireKind)LittleEndian.ReadUInt16(data, PrefixLayout.Kind);
            if (!IsKnown(kind))
            {
                return Refuse(WireError.BadKind, out error);
            }
            uint size = LittleEndian.ReadUInt32(data, PrefixLayout.Size);
            if (IsJson(kind) && size > Bytes + WireConstants.MaxJsonBytes)
            {
                return Refuse(WireError.TooLarge, out error);
            }
            if (size != count)
            {
                return Refuse(size > count ? WireError.Truncated : WireError.BadSize, out error);
            }
            flags = LittleEndian.ReadUInt32(data, PrefixLayout.Flags);
            if ((flags & ~(kind == WireKind.Frame ? FrameFlags : 0)) != 0)
            {
                return Refuse(WireError.BadFlags, out error);
            }
            error = 0;
            return true;
        }

        /// <summary>Writes it for a first part of <c>size</c> bytes, these sixteen included.</summary>
        public static void Write(byte[] target, WireKind kind, int size, uint flags = 0)
        {
            LittleEndian.WriteUInt32(target, PrefixLayout.Magic, WireConstants.Magic);
            LittleEndian.WriteUInt16(target, PrefixLayout.Version, WireConstants.Version);
            LittleEndian.WriteUInt16(target, PrefixLayout.Kind, (int)kind);
            LittleEndian.WriteUInt32(target, PrefixLayout.Size, (uint)size);
            LittleEndian.WriteUInt32(target, PrefixLayout.Flags, flags);
        }

        /// <summary>Whether the kind's body is JSON.</summary>
        public static bool IsJson(WireKind kind)
        {
            return kind >= WireKind.Hello && kind < WireKind.Frame;
        }

        /// <summary>Whether the part has exactly this many bytes after the prefix.</summary>
        internal static bool HasBody(int count, int body, out WireError error)
        {
            error = count < Bytes + body ? WireError.Truncated : count > Bytes + body ? WireError.BadSize : 0;
            return error == 0;
        }

        private static bool IsKnown(WireKind kind)
        {
            return (kind >= WireKind.Hello && kind <= WireKind.Lane)
                || (kind >= WireKind.Frame && kind <= WireKind.Pong);
        }

        private static bool Refuse(WireError code, out WireError error)
        {
            error = code;
            return false;
        }
    }
}
