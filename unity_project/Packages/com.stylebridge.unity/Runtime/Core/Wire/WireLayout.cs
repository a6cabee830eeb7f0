// Written by tools/make_wire_layout.py from tools/wire.toml; change that.
namespace Stylebridge.Wire
{
    /// <summary>The wire's constants.</summary>
    public static class WireConstants
    {
        public const int Version = 1;
        public const uint Magic = 0x42595453; // "STYB"
        public const uint RingMagic = 0x52595453; // "STYR"
        public const int Alignment = 64;
        public const int DefaultPort = 5570;
        public const int MaxSide = 16384;
        public const int MaxPlanes = 6;
        public const long MaxPlaneBytes = 4294967296;
        public const int MaxFrameBytes = 268435456;
        public const int MaxJsonBytes = 1048576;
        public const int MaxJsonDepth = 32;
        public const int MaxCameras = 16;
        public const int MaxWindow = 256;
        public const int MaxSlots = 64;
        public const long MaxSlotBytes = 8589934592;
        public const int MaxText = 256;
    }

    /// <summary>Values of <c>kind</c>.</summary>
    public enum WireKind
    {
        Hello = 1,
        Welcome = 2,
        Control = 3,
        Stats = 4,
        Error = 5,
        Bye = 6,
        Lane = 7,
        Frame = 16,
        Ack = 17,
        Ping = 18,
        Pong = 19,
    }

    /// <summary>Values of <c>frame_flag</c>.</summary>
    public enum WireFrameFlag
    {
        Reply = 1,
        Resent = 2,
    }

    /// <summary>Values of <c>lane</c>.</summary>
    public enum WireLane
    {
        Inline = 0,
        Ring = 1,
    }

    /// <summary>Values of <c>matrix</c>.</summary>
    public enum WireMatrix
    {
        View = 1,
        Projection = 2,
    }

    /// <summary>Values of <c>plane</c>.</summary>
    public enum WirePlane
    {
        Color = 1,
        Depth = 2,
        Motion = 3,
        Normals = 4,
        Ids = 5,
        Occlusion = 6,
    }

    /// <summary>Values of <c>dtype</c>.</summary>
    public enum WireDtype
    {
        U8 = 1,
        U16 = 2,
        U32 = 3,
        F16 = 4,
        F32 = 5,
    }

    /// <summary>Values of <c>layout</c>.</summary>
    public enum WireLayout
    {
        Hwc = 0,
        Chw = 1,
    }

    /// <summary>Values of <c>rows</c>.</summary>
    public enum WireRows
    {
        Top = 0,
        Bottom = 1,
    }

    /// <summary>Values of <c>color_space</c>.</summary>
    public enum WireColorSpace
    {
        Data = 0,
        Srgb = 1,
        Linear = 2,
    }

    /// <summary>Values of <c>order</c>.</summary>
    public enum WireOrder
    {
        Rgb = 0,
        Bgr = 1,
    }

    /// <summary>Values of <c>codec</c>.</summary>
    public enum WireCodec
    {
        Raw = 0,
        Deflate = 1,
    }

    /// <summary>Values of <c>checksum</c>.</summary>
    public enum WireChecksum
    {
        None = 0,
        Crc32 = 1,
    }

    /// <summary>Values of <c>flow</c>.</summary>
    public enum WireFlow
    {
        Lockstep = 0,
        Lossless = 1,
        Live = 2,
    }

    /// <summary>Values of <c>error</c>.</summary>
    public enum WireError
    {
        Truncated = 1,
        BadMagic = 2,
        BadVersion = 3,
        BadKind = 4,
        BadSize = 5,
        BadFlags = 6,
        BadValue = 7,
        BadText = 8,
        BadNumber = 9,
        TooLarge = 10,
        BadStride = 11,
        BadLength = 12,
        BadPayload = 13,
        Overlap = 14,
        DuplicatePlane = 15,
        NoColor = 16,
        BadParts = 17,
        BadChecksum = 18,
        BadCodecData = 19,
        BadJson = 20,
        BadMessage = 21,
        Torn = 22,
        NoHello = 40,
        BadSession = 41,
        BadFlow = 42,
        PeersFull = 43,
        Flood = 44,
        Gap = 45,
        TooManyCameras = 46,
        UnknownControl = 47,
        BadControl = 48,
        ControlFailed = 49,
        LaneRefused = 50,
        Closing = 51,
        Timeout = 52,
    }

    /// <summary>Opens every message. Offsets from its first byte.</summary>
    public static class PrefixLayout
    {
        public const int Magic = 0;
        public const int Version = 4;
        public const int Kind = 6;
        public const int Size = 8;
        public const int Flags = 12;
        public const int Bytes = 16;
    }

    /// <summary>Follows the prefix of a FRAME; plane_count planes follow it. Offsets from its first byte.</summary>
    public static class FrameLayout
    {
        public const int Session = 0;
        public const int Sequence = 16;
        public const int FrameId = 24;
        public const int SimulationS = 32;
        public const int WallNs = 40;
        public const int Camera = 48;
        public const int Width = 80;
        public const int Height = 84;
        public const int PlaneCount = 88;
        public const int Lane = 90;
        public const int Matrices = 91;
        public const int Ring = 92;
        public const int Slot = 94;
        public const int SlotStamp = 96;
        public const int PayloadBytes = 104;
        public const int View = 112;
        public const int Projection = 176;
        public const int Bytes = 240;
    }

    /// <summary>One plane of a FRAME. Offsets from its first byte.</summary>
    public static class PlaneLayout
    {
        public const int Plane = 0;
        public const int Dtype = 2;
        public const int Channels = 4;
        public const int Layout = 6;
        public const int Rows = 7;
        public const int ColorSpace = 8;
        public const int Order = 9;
        public const int Codec = 10;
        public const int ChecksumKind = 11;
        public const int Stride = 12;
        public const int Offset = 16;
        public const int Length = 24;
        public const int Checksum = 32;
        public const int ScaleX = 36;
        public const int ScaleY = 40;
        public const int Reserved = 44;
        public const int Bytes = 48;
    }

    /// <summary>Follows the prefix of an ACK, from the one who receives frames. Offsets from its first byte.</summary>
    public static class AckLayout
    {
        public const int Sequence = 0;
        public const int Released = 8;
        public const int Ring = 16;
        public const int Window = 18;
        public const int Reserved = 20;
        public const int Bytes = 24;
    }

    /// <summary>Follows the prefix of a PING. Offsets from its first byte.</summary>
    public static class PingLayout
    {
        public const int SentNs = 0;
        public const int Bytes = 8;
    }

    /// <summary>Follows the prefix of a PONG. Offsets from its first byte.</summary>
    public static class PongLayout
    {
        public const int SentNs = 0;
        public const int AnsweredNs = 8;
        public const int Bytes = 16;
    }

    /// <summary>Opens a ring's file; the first slot begins at byte 4096. Offsets from its first byte.</summary>
    public static class RingLayout
    {
        public const int Magic = 0;
        public const int Version = 4;
        public const int Slots = 6;
        public const int SlotBytes = 8;
        public const int SlotStride = 16;
        public const int Token = 24;
        public const int Bytes = 40;
    }

    /// <summary>Opens a slot; its payload begins 64 bytes after it. Offsets from its first byte.</summary>
    public static class SlotLayout
    {
        public const int BeginStamp = 0;
        public const int EndStamp = 8;
        public const int PayloadBytes = 16;
        public const int Bytes = 24;
    }
}
